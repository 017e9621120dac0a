import Foundation
import JSON
import MeshPlanning
import Synchronization
import Testing

/// What stops a run in its middle, and how it goes on.
@Suite("An interrupted run")
struct InterruptionTests {
    /// Presses Ctrl-C when a command first says these words.
    private static func stopping(at words: String, _ meshctl: inout TestCommand) {
        meshctl.onErrors = { [stop = meshctl.stop] text in
            if text.contains(words) { stop.press() }
        }
    }

    @Test(
        "Ctrl-C stops with 130 after the writes in hand, and apply goes on",
        arguments: ["[1/", "waiting", "[2/", "settling", "[4/"])
    func stopped(at words: String) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            Self.stopping(at: words, &meshctl)
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Go on with the same command."))
            #expect(stopped.errors.contains("Go back with: meshctl rollback"))
            meshctl.onErrors = { _ in }
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run"))
            let runs = try JournalReading.runs(meshctl)
            #expect(runs.count == 1)
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)

            Self.stopping(at: "[2/", &meshctl)
            let half = await meshctl("rollback", "--yes")
            #expect(half.code == 130, "\(half.errors)")
            #expect(half.errors.contains("Go on with the same command."))
            meshctl.onErrors = { _ in }
            let refused = await meshctl("apply", "--yes")
            #expect(refused.code == 1)
            #expect(refused.errors.contains("Finish it first with: meshctl rollback"))
            let finished = await meshctl("rollback", "--yes")
            #expect(finished.code == 0, "\(finished.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("an open apply can be rolled back, and is then over")
    func rollbackOfOpen() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            Self.stopping(at: "[3/", &meshctl)
            #expect(await meshctl("apply", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)
            let again = await meshctl("apply", "--yes")
            #expect(again.code == 0, "\(again.errors)")
            #expect(!again.errors.contains("Going on"))
            let count = try JournalReading.runs(meshctl).count
            #expect(count == 3)
        }
    }

    @Test("a changed plan file takes the place of the open run, and both are rolled back")
    func superseded() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            Self.stopping(at: "[3/", &meshctl)
            #expect(await meshctl("apply", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            try meshctl.write(
                SilentPlans.home().replacing("{name: default, ", with: "{name: monitoring, ")
                    .replacing(
                        "namespace: default, reason: silent",
                        with: "namespace: monitoring, reason: silent"),
                to: "plans/plan.yaml")
            let other = await meshctl("apply", "--yes")
            #expect(other.code == 0, "\(other.errors)")
            let history = await meshctl("history")
            #expect(
                history.output.contains("stopped: a newer apply took over"), "\(history.output)")
            while true {
                let rollback = await meshctl("rollback", "--yes")
                #expect(rollback.code == 0, "\(rollback.errors)")
                if (rollback.output + rollback.errors).contains("Nothing to roll back") { break }
            }
            #expect(try sandbox.promised() == before)
        }
    }

    @Test(
        "a run that meets what somebody else changed is planned anew by the next apply, or closed where nothing is left",
        arguments: [["default/default"], ["default/default", "media/default"]])
    func outdated(policies: [String]) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            Self.stopping(at: "[1/", &meshctl)
            #expect(await meshctl("apply", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            // As meshctl on another machine would.
            for policy in policies {
                try sandbox.makePolicy(
                    policy, ["mtls": ["mode": "STRICT"]],
                    labels: [
                        "app.kubernetes.io/managed-by": "meshctl",
                        "meshctl.dev/plan": "interrupted",
                    ], manager: "meshctl/interrupted")
            }
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(stopped.errors.contains("changed by somebody else"), "\(stopped.errors)")
            #expect(stopped.errors.contains("The same apply plans it anew."))
            let anew = await meshctl("apply", "--yes")
            #expect(anew.code == 0, "\(anew.errors)")
            #expect(anew.errors.contains("What is left to do is planned anew."))
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            let runs = try JournalReading.runs(meshctl)
            #expect(runs.count == (policies.count == 1 ? 2 : 1))
            #expect(runs.first?.last == .stopped(.superseded))
            let lease = try #require(try sandbox.get(LeaseObject.path))
            #expect(lease[path: "metadata", "annotations", "meshctl.dev/run"] == nil)
        }
    }

    @Test("a pod that never gets ready ends the wait with 3; the run can go on, and back")
    func unconfirmed() async throws {
        let plan = SilentPlans.resilient("settle: 0s, limits: {confirm: 20s}")
        try await LiveSandbox.with("resilient-platform", plan: plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            let backend = "/apis/apps/v1/namespaces/resilient-platform/deployments/backend"
            // The annotation comes with the restart: the pods that run now stay ready.
            try sandbox.patch(backend, ["spec": ["paused": true]])
            try sandbox.patch(backend, Self.neverReady("true"))
            try sandbox.patch(backend, ["spec": ["paused": .null]])
            let stuck = await meshctl("apply", "--yes")
            #expect(stuck.code == 3, "\(stuck.output)\(stuck.errors)")
            #expect(stuck.errors.contains("backend"))
            #expect(stuck.errors.contains("Go on with the same command."))
            let same = await meshctl("apply", "--yes")
            #expect(same.code == 3)
            try sandbox.patch(backend, Self.neverReady(nil))
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            let back = await meshctl("rollback", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    private static func neverReady(_ value: String?) -> JSONValue {
        [
            "spec": [
                "template": [
                    "metadata": [
                        "annotations": [
                            "sandbox.meshctl.dev/never-ready": value.map(JSONValue.string) ?? .null
                        ]
                    ]
                ]
            ]
        ]
    }

    @Test("a rollback from a run that got stuck works while it is stuck")
    func rollbackWhileStuck() async throws {
        let plan = """
            apiVersion: meshctl.dev/v1alpha1
            kind: MeshPlan
            metadata: {name: slow}
            spec:
              namespaces: [{name: media, dataplane: ambient, mtls: STRICT}]
              rollout: {settle: 0s, limits: {confirm: 20s}}
              gates:
                no-plaintext: {window: 1s}
                accept:
                  - {gate: no-plaintext, namespace: resilient-platform, reason: silent, owner: me, expires: 2027-11-30}
            """
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            // A pod that says no to capture is not waited for; one whose label is fought over is.
            let fight = Once()
            meshctl.onErrors = { text in
                guard text.contains("waiting"), fight.first() else { return }
                _ = try? sandbox.patch(
                    LiveSandbox.namespace("media"),
                    ["metadata": ["labels": ["istio.io/dataplane-mode": .null]]])
            }
            let apply = await meshctl("apply", "--yes")
            meshctl.onErrors = { _ in }
            #expect([0, 3, 10].contains(apply.code), "\(apply.errors)")
            let back = await meshctl("rollback", "--yes", "--overwrite")
            #expect(back.code == 0, "\(back.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    /// What happens between the question and the write.
    enum Meanwhile: String, CaseIterable, Sendable {
        case edited, deleted, namespaceDeleted, made

        func happen(_ sandbox: LiveSandbox) throws {
            switch self {
            case .edited:
                try sandbox.patch(
                    LiveSandbox.policy("media/default"), ["spec": ["mtls": ["mode": "DISABLE"]]])
            case .deleted: try sandbox.delete(LiveSandbox.policy("media/default"))
            case .namespaceDeleted:
                try sandbox.delete(LiveSandbox.namespace("media"))
                // Every request takes a moment of the cluster's time, in which its contents go.
                for _ in 0..<5000 where try sandbox.get(LiveSandbox.namespace("media")) != nil {}
            case .made:
                try sandbox.makePolicy("default/default", ["mtls": ["mode": "DISABLE"]])
            }
        }
    }

    @Test(
        "what somebody did between plan and write is told, and theirs is left alone",
        arguments: Meanwhile.allCases)
    func meanwhile(_ meanwhile: Meanwhile) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let untouched = meanwhile != .made
            if untouched {
                #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            }
            let done = Once()
            let result = await meshctl.run(
                ["apply"], interactive: true,
                answer: {
                    if done.first() { try? meanwhile.happen(sandbox) }
                    return "yes"
                }())
            #expect([1, 3, 10].contains(result.code), "\(result.errors)")
            #expect(!result.errors.contains("Apply complete"))
            let name = meanwhile == .made ? "default/default" : "media/default"
            #expect(result.errors.contains(result.code == 3 ? "media" : name), "\(result.errors)")
            let now = try sandbox.get(LiveSandbox.policy(name))
            switch meanwhile {
            case .edited, .made: #expect(now?[path: "spec", "mtls", "mode"] == "DISABLE")
            case .deleted, .namespaceDeleted: #expect(now == nil)
            }
            // The way back is never shut, whatever is left to a person.
            let back = await meshctl("rollback", "--yes")
            #expect([0, 5].contains(back.code), "\(back.errors)")
        }
    }

    @Test("a stage below the one that is reached changes nothing")
    func lowerStage() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let before = try sandbox.objects()
            for stage in ["enroll", "permissive", "strict"] {
                let result = await meshctl("apply", "--stage", stage, "--yes")
                #expect(result.code == 0)
                #expect(result.output.contains("No changes."))
            }
            #expect(try sandbox.objects() == before)
            let count = try JournalReading.runs(meshctl).count
            #expect(count == 1)
        }
    }
}

/// True once.
final class Once: Sendable {
    private let isFirst = Mutex(true)

    func first() -> Bool {
        isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
    }
}
