import Foundation
import JSON
import Testing

/// `--wave`, on a cluster whose plan has one wave and namespaces without.
@Suite("A command that is limited to waves")
struct WaveTests {
    /// jellyfin is not in the mesh, and calls into the canary.
    private static let needing = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: waves}
        spec:
          mesh: {mtls: STRICT}
          namespaces:
            - name: default
              mtls: STRICT
              wave: canary
              exceptions:
                - name: frontend
                  selector: {app: mirai-frontend}
                  ports: {3000: PERMISSIVE}
                  reason: cloudflared speaks plaintext
            - {name: media, dataplane: ambient, mtls: STRICT, wave: late}
            - {name: monitoring, mtls: STRICT, wave: late}
          flows:
            - from: {namespace: media, workload: jellyfin}
              to: {namespace: default, service: mirai-api, port: 8080}
          rollout: {waves: [canary, late], settle: 0s}
        """

    @Test("wave by wave, and then all: as all at once, and nothing is left")
    func waveByWave() async throws {
        var straight: [String: JSONValue] = [:]
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            straight = try sandbox.promised()
        }
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let others = try sandbox.others(than: ["default"])
            let canary = await meshctl("apply", "--wave", "canary", "--yes")
            #expect(canary.code == 0, "\(canary.output)\(canary.errors)")
            #expect(canary.output.contains("Plan     home-cluster, wave canary, through stage"))
            #expect(canary.output.contains("mesh-steps-left-out"))
            let policy = try sandbox.get(LiveSandbox.policy("default/default"))
            #expect(policy?[path: "spec", "mtls", "mode"] == "STRICT")
            #expect(try sandbox.others(than: ["default"]) == others)
            let again = await meshctl("plan", "--wave", "canary", "--detailed-exitcode")
            #expect(again.code == 0)
            #expect(again.output.contains("No changes. For wave canary, the mesh is as the plan"))

            let status = await meshctl("status", "-o", "json")
            let next = try Self.nextSteps(status.output)
            #expect(next["default"] == nil)
            #expect(next["media"] == "label")

            let unnamed = await meshctl("apply", "--wave", "-", "--yes")
            #expect(unnamed.code == 0, "\(unnamed.output)\(unnamed.errors)")
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("1 step done"))
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            #expect(try sandbox.promised() == straight)
            let history = await meshctl("history")
            #expect(history.output.contains("strict (canary)"), "\(history.output)")
        }
    }

    private static func nextSteps(_ text: String) throws -> [String: String] {
        let namespaces = try JSONValue(parsing: Array(text.utf8))["namespaces"]?.array ?? []
        return namespaces.reduce(into: [:]) { found, namespace in
            found[namespace["name"]?.string ?? ""] = namespace[path: "nextStep", "action"]?.string
        }
    }

    @Test("it is refused when a flow needs another wave, and goes on with that, or after it")
    func needsOthers() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.needing) { meshctl, sandbox in
            let before = try sandbox.objects()
            let refused = await meshctl("apply", "--wave", "canary", "--yes")
            #expect(refused.code == 9, "\(refused.output)\(refused.errors)")
            #expect(refused.output.contains("wave-needs-others"))
            #expect(refused.output.contains("would be refused without wave late"))
            #expect(refused.output.contains("--wave canary --wave late"))
            #expect(try sandbox.objects() == before)

            let both = await meshctl("plan", "--wave", "late", "--wave", "canary", "-o", "json")
            #expect(both.code == 0, "\(both.errors)")
            let report = try JSONValue(parsing: Array(both.output.utf8))
            #expect(report["waves"] == ["canary", "late"])
            #expect(both.output.contains("istio-system/default"))

            #expect(await meshctl("apply", "--stage", "enroll", "--yes").code == 0)
            let canary = await meshctl("apply", "--wave", "canary", "--yes")
            #expect(canary.code == 0, "\(canary.output)\(canary.errors)")
        }
    }

    @Test("a wave that the plan does not have is told with those that it has")
    func unknown() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.needing) { meshctl, sandbox in
            for command in ["plan", "apply"] {
                let result = await meshctl(command, "--wave", "canry")
                #expect(result.code == 64)
                #expect(result.output.isEmpty)
                #expect(
                    result.errors.contains(
                        "plan waves has no wave 'canry'; did you mean canary?\n"
                            + "Its waves are: canary, late;"), "\(result.errors)")
            }
            #expect(sandbox.writesDone == 0)
        }
    }

    @Test("an interrupted run goes on with the same waves; others take its place")
    func resumed() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            func stopping() -> @Sendable (String) -> Void {
                { [stop = meshctl.stop] text in if text.contains("settling") { stop.press() } }
            }
            meshctl.onErrors = stopping()
            #expect(await meshctl("apply", "--wave", "canary", "--yes").code == 130)
            let rest = await meshctl("apply", "--wave", "canary", "--yes")
            #expect(rest.code == 130, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run"))
            #expect(rest.output.contains("wave canary, through stage strict"))
            meshctl.onErrors = { _ in }
            let other = await meshctl("apply", "--yes")
            #expect(other.code == 0, "\(other.errors)")
            #expect(!other.errors.contains("Going on with run"))
            let history = await meshctl("history")
            #expect(history.output.contains("a newer apply took over"), "\(history.output)")
            let runs = try JournalReading.runs(meshctl)
            #expect(runs.count == 2)
        }
    }

    @Test("a saved plan keeps its waves, and takes no others")
    func saved() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let others = try sandbox.others(than: ["default"])
            #expect(await meshctl("plan", "--wave", "canary", "--out", "canary.plan").code == 0)
            #expect(await meshctl("apply", "canary.plan", "--wave", "canary", "--yes").code == 64)
            let apply = await meshctl("apply", "canary.plan", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(apply.output.contains("wave canary"))
            #expect(try sandbox.others(than: ["default"]) == others)
            #expect(await meshctl("plan", "--wave", "canary", "--detailed-exitcode").code == 0)
            #expect(await meshctl("plan", "--detailed-exitcode").code == 2)
        }
    }
}
