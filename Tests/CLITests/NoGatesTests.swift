import Foundation
import SandboxServer
import Testing

/// STRICT on a cluster that is no sandbox needs gates that do not exist yet.
@Suite("Past permissive without gates")
struct NoGatesTests {
    @Test("is refused on a real cluster, with the way out, and can be insisted on")
    func refused() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            // As long as what it stands for, so that the answer's length holds.
            let relay = try RelayServer(to: sandbox.session.port) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                guard text.contains("+meshctl-sandbox") else { return bytes }
                return Array(text.replacing("+meshctl-sandbox", with: "+k3s-of-somebody").utf8)
            }
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let before = try sandbox.objects()
            for stage in [[], ["--stage", "strict"]] {
                let refused = await meshctl.run(["apply", "--yes"] + stage)
                #expect(refused.code == 1, "\(refused.errors)")
                #expect(refused.errors.contains("not supported yet"))
                #expect(refused.errors.contains("meshctl apply --stage permissive"))
                #expect(refused.errors.contains("--accept-no-gates"))
            }
            #expect(try sandbox.objects() == before)
            #expect(await meshctl("plan").code == 0)
            let permissive = await meshctl("apply", "--stage", "permissive", "--yes")
            #expect(permissive.code == 0, "\(permissive.errors)")
            let strict = await meshctl("apply", "--yes", "--accept-no-gates")
            #expect(strict.code == 0, "\(strict.errors)")
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            // The way back needs no gate.
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
        }
    }
}
