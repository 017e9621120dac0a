import JSON
import MeshModel
import MeshPlanning
import SandboxServer
import Testing
import Timing

@testable import KubernetesSandbox

/// Traffic that is refused once somebody is STRICT, and what the run does about it by itself.
@Suite("Guarded apply")
struct GuardedApplyTests {
    private static let home = "home-cluster"
    /// Refused as soon as mirai-api is STRICT, which no object of the cluster tells.
    private static let resets = [
        "resets-under-strict", "default/mirai-frontend", "default/mirai-api",
    ]

    private func lastRun(_ meshctl: TestCommand, _ kind: RunHeader.Kind) throws -> RunState {
        let runs = try JournalReading.runs(meshctl).compactMap { RunState(replaying: $0) }
        return try #require(runs.last { $0.header.kind == kind })
    }

    private func switchOn(_ words: [String], in sandbox: LiveSandbox) throws {
        try sandbox.session.withCluster { try $0.switchOn(Fault(words)) }
    }

    private func switchOff(in sandbox: LiveSandbox) throws {
        try sandbox.session.withCluster { _ = $0.switchOff(nil) }
    }

    @Test("resets after STRICT relax the wave's policies and nothing else: exit 4, in two looks")
    func resets() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            let before = try sandbox.promised()
            try switchOn(Self.resets, in: sandbox)
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 4, "\(result.output)\(result.errors)")
            for words in [
                "default/Deployment/mirai-frontend to default/Deployment/mirai-api",
                "Relaxing what wave canary tightened", "No required traffic is refused any more.",
                "meshctl rollback",
            ] {
                #expect(result.errors.contains(words), "\(words): \(result.errors)")
            }
            let run = try lastRun(meshctl, .apply)
            guard case .stopped(.guardTripped(let batch)) = run.status else {
                Issue.record("\(run.status)")
                return
            }
            #expect(run.rollout.steps.contains { $0.batch > batch && $0.phase == .strict })
            let rollback = try lastRun(meshctl, .rollback)
            #expect(rollback.header.isAutomatic == true && rollback.header.isPoliciesOnly)
            #expect(rollback.status == .finished(.done))
            let touched = Set(rollback.rollout.steps.map(\.change.object.text))
            #expect(
                touched == [
                    "PeerAuthentication default/default",
                    "PeerAuthentication default/meshctl-mirai-frontend",
                ])
            let policies = try sandbox.promised()
            #expect(
                policies["default/default"]?[path: "spec", "mtls", "mode"] == "PERMISSIVE")
            #expect(policies["media"]?["istio.io/dataplane-mode"] == "ambient")

            try switchOff(in: sandbox)
            let back = await meshctl("rollback", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            #expect(back.errors.contains("No required traffic is refused any more."))
            #expect(try sandbox.promised() == before)
            #expect(await meshctl("rollback", "--yes").code == 0)
        }
    }

    @Test("between sidecars a client counts that no object tells of, when it got through before")
    func sidecars() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, sandbox in
            try switchOn(
                [
                    "resets-under-strict", "resilient-platform/frontend",
                    "resilient-platform/backend",
                ], in: sandbox)
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 4, "\(result.errors)")
            #expect(
                result.errors.contains(
                    "resilient-platform/frontend to resilient-platform/Deployment/backend"))
        }
    }

    @Test("what cannot be brought back is named, the others are back, and the exit is 5")
    func oneObject() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            let before = try sandbox.promised()
            try switchOn(Self.resets, in: sandbox)
            #expect(await meshctl("apply", "--yes").code == 4)
            try switchOn(
                ["api-status", "403", "DELETE", LiveSandbox.policy("monitoring/default")],
                in: sandbox)
            let back = await meshctl("rollback", "--yes")
            #expect(back.code == 5, "\(back.errors)")
            #expect(back.errors.contains("PeerAuthentication monitoring/default"))
            var left = try sandbox.promised()
            #expect(left.removeValue(forKey: "monitoring/default") != nil)
            #expect(left == before)
            try switchOff(in: sandbox)
            let rest = await meshctl("rollback", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("with the cause mended the same command plans what is left, and gets there")
    func mended() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try switchOn(Self.resets, in: sandbox)
            #expect(await meshctl("apply", "--yes").code == 4)
            try switchOff(in: sandbox)
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
        }
    }

    @Test("--no-auto-rollback only stops, with 10; the same command looks again, and goes on")
    func withoutRollback() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try switchOn(Self.resets, in: sandbox)
            let stopped = await meshctl("apply", "--yes", "--no-auto-rollback")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(stopped.errors.contains("meshctl rollback"))
            let writes = sandbox.writesDone
            let again = await meshctl("apply", "--yes", "--no-auto-rollback")
            #expect(again.code == 10 && sandbox.writesDone == writes, "\(again.errors)")
            try switchOff(in: sandbox)
            try await sandbox.pass(.seconds(180))
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(try JournalReading.ids(meshctl).count == 1)
        }
    }

    @Test("`show` and `history` tell who was refused, and who rolled back")
    func told() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try switchOn(Self.resets, in: sandbox)
            #expect(await meshctl("apply", "--yes").code == 4)
            let run = try lastRun(meshctl, .apply).header.id.text
            let shown = await meshctl("show", run)
            #expect(shown.output.contains("Guard"), "\(shown.output)")
            #expect(
                shown.output.contains(
                    "default/Deployment/mirai-frontend to default/Deployment/mirai-api: refused"))
            let json = try JSONValue(
                parsing: Array(await meshctl("show", run, "-o", "json").output.utf8))
            #expect(json[path: "guard", "tripped"] == true)
            #expect(json[path: "guard", "refusals"]?.array?.isEmpty == false)
            let history = await meshctl("history")
            #expect(history.output.contains("automatic"), "\(history.output)")
        }
    }

    @Test("a policy that somebody edited meanwhile stays, the others are back, and the exit is 5")
    func conflict() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try switchOn(Self.resets, in: sandbox)
            let once = Once()
            meshctl.onErrors = { text in
                guard text.contains("of required traffic"), once.first() else { return }
                _ = try? sandbox.patch(
                    LiveSandbox.policy("default/meshctl-mirai-frontend"),
                    ["spec": ["portLevelMtls": ["9999": ["mode": "STRICT"]]]])
            }
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 5, "\(result.errors)")
            #expect(!once.first())
            let policies = try sandbox.promised()
            #expect(
                policies["default/default"]?[path: "spec", "mtls", "mode"] == "PERMISSIVE"
                    || policies["default/default"] == nil)
        }
    }

    /// Traffic that nobody counts on.
    enum Noise: String, CaseIterable {
        case scanner, expectedRefused, ignored

        var flow: JSONValue {
            switch self {
            case .scanner:
                ["from": "external", "to": Self.api, "perMinute": 600, "protocol": "tcp"]
            case .expectedRefused, .ignored:
                [
                    "from": ["namespace": "ingress", "workload": "cloudflared"], "to": Self.api,
                    "perMinute": 600,
                ]
            }
        }

        private static let api: JSONValue = [
            "namespace": "default", "service": "mirai-api", "port": 8080,
        ]

        /// In the plan file, before `rollout`.
        var lines: String {
            switch self {
            case .scanner: ""
            case .expectedRefused:
                """
                  flows:
                    - from: {namespace: ingress, workload: cloudflared}
                      to: {namespace: default, service: mirai-api, port: 8080}
                      expect: refused

                """
            case .ignored:
                """
                  ignoreFlows:
                    - from: {namespace: ingress, workload: cloudflared}
                      to: {namespace: default, service: mirai-api}
                      reason: a leftover that may break

                """
            }
        }
    }

    @Test("who is refused and not counted on never trips the guard", arguments: Noise.allCases)
    func noise(_ noise: Noise) async throws {
        let plan = try ExamplePlan.text(Self.home).replacing(
            "  rollout:\n", with: noise.lines + "  rollout:\n")
        try await LiveSandbox.with(Self.home, plan: plan) { meshctl, sandbox in
            let flow = try TrafficFlow(noise.flow)
            let once = Once()
            // It begins when the gates were asked: they would name it.
            meshctl.onErrors = { text in
                guard text.contains("PERMISSIVE → STRICT"), once.first() else { return }
                try? sandbox.session.withCluster { cluster in
                    cluster.settleTraffic()
                    cluster.traffic?.ledger.flows.append(flow)
                    cluster.traffic?.forgetPresent()
                }
            }
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(!once.first())
            #expect(result.errors.contains("not counted"), "\(result.errors)")
        }
    }
}
