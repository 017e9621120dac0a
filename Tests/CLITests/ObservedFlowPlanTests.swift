import Foundation
import JSON
import Journal
import MeshModel
import Testing
import Timing

@Suite("Flows that were observed, in a plan")
struct ObservedFlowPlanTests {
    /// cloudflared is outside the mesh; its plan leaves it only the frontend's port.
    private static let seen = ObservedFlow(
        from: .workload(WorkloadID(namespace: "ingress", kind: .deployment, name: "cloudflared")),
        to: .service(namespace: "default", name: "mirai-api", port: 8080), security: .plaintext,
        firstSeen: Timestamp(milliseconds: 0), lastSeen: Timestamp(milliseconds: 60_000),
        connections: 41)
    private static let text = "ingress/deployment/cloudflared->default/service/mirai-api:8080"

    @Test("a plaintext client that was recorded of this cluster blocks plan and apply")
    func blocks() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan").code == 0)
            #expect(!meshctl.exists("state"))

            let journal = try JournalStore.open(path: meshctl.path("state/meshctl.db"))
            try journal.record([Self.seen], clusterUID: "another cluster")
            #expect(await meshctl("plan").code == 0)

            let system = try sandbox.get(LiveSandbox.namespace("kube-system"))
            let uid = try #require(system?[path: "metadata", "uid"]?.string)
            try journal.record([Self.seen], clusterUID: uid)
            for command in [["plan"], ["apply", "--yes"]] {
                let result = await meshctl.run(command)
                #expect(result.code == 9, "\(command): \(result.errors)")
                #expect(result.output.contains("flow-would-break"), "\(result.output)")
                #expect(result.output.contains(Self.text), "\(result.output)")
            }
            #expect(sandbox.writesDone == 0)
            #expect(await meshctl("plan", "--ignore-flow", Self.text).code == 0)
        }
    }
}
