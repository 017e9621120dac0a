import Foundation
import JSON
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Testing

/// An ordinary rollback while things go on being broken around it.
@Suite("Rollback under fire", .timeLimit(.minutes(20)))
struct RollbackUnderFireTests {
    private static func with(
        _ body: (inout TestCommand, LiveSandbox, [String: JSONValue]) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            try await body(&meshctl, sandbox, before)
        }
    }

    @Test(
        "comes through 429, 5xx, resets and lost answers; relaxing is written before anything else",
        arguments: [
            ["api-status", "429", "12"], ["api-status", "503", "40", "/apis"],
            ["api-status", "429", "20", "/api"], ["api-reset", "5"],
            ["api-reset", "6", "PATCH,DELETE"], ["lost-responses", "4", "PATCH,DELETE"],
            ["api-status", "500", "5", "PATCH,DELETE"],
        ])
    func faults(fault: [String]) async throws {
        try await Self.with { meshctl, sandbox, before in
            let requests = sandbox.session.requestLog.count
            try sandbox.session.withCluster { try $0.switchOn(Fault(fault)) }
            let result = await meshctl("rollback", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(try sandbox.promised() == before)
            let writes = sandbox.session.requestLog.dropFirst(requests)
                .filter { $0.method != "GET" && $0.path.hasPrefix("/api") }
            let label = try #require(
                writes.firstIndex { $0.path.hasPrefix("/api/v1/namespaces/media") })
            for policy in ["media", "default"] {
                let relaxing = writes.firstIndex {
                    $0.path.hasPrefix(LiveSandbox.policies(policy))
                        && ((200..<300).contains($0.status) || $0.status == 0)
                }
                let first = try #require(relaxing)
                #expect(first < label)
            }
            let again = await meshctl("rollback", "--yes")
            #expect(again.code == 0 && again.output.contains("Nothing to roll back"))
        }
    }

    @Test("is finished by the next one, wherever it was killed, and nothing is done twice")
    func killed() async throws {
        for write in 1...6 {
            for moment in Killer.Moment.allCases {
                let isBeyond = try await Self.kill(atWrite: write, moment)
                if isBeyond { return }
            }
        }
        Issue.record("the rollback has more writes than were tried")
    }

    /// Whether the rollback has fewer writes than that, or ends with this one.
    private static func kill(atWrite write: Int, _ moment: Killer.Moment) async throws -> Bool {
        var isBeyond = false
        try await with { meshctl, sandbox, before in
            let killer = Killer()
            let relay = try RelayServer(to: sandbox.session.port, killer.hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let writes = sandbox.writesDone
            killer.aim(atWrite: write, moment)
            let process = try MeshctlProcess(["rollback", "--yes"], folder: meshctl.folder)
            killer.victim(is: process)
            for _ in 0..<3000 where process.isRunning {
                try await Task.sleep(for: .milliseconds(10))
                try await sandbox.pass(.milliseconds(100))
            }
            guard killer.hasKilled else {
                isBeyond = true
                return
            }
            _ = try await process.ended()
            let rest = await meshctl("rollback", "--yes")
            #expect(rest.code == 0, "write \(write), \(moment): \(rest.errors)")
            #expect(try sandbox.promised() == before)
            let run = try #require(RunState(replaying: try JournalReading.runs(meshctl).last ?? []))
            #expect(run.status == .finished(.done))
            #expect(sandbox.writesDone - writes == run.rollout.steps.count)
        }
        return isBeyond
    }

    // MARK: - Between the plan and the writes

    /// A rollback in the middle of which, after it was planned, something else happens.
    private static func rollback(
        _ meshctl: TestCommand, meanwhile: @escaping @Sendable () throws -> Void
    ) async -> TestCommand.Result {
        await meshctl.run(
            ["rollback"], interactive: true,
            answer: EmergencyTests.answer {
                do { try meanwhile() } catch { Issue.record(error) }
            })
    }

    @Test("an edit meanwhile is kept, the rest is done, and the next one shows it in three columns")
    func edited() async throws {
        try await Self.with { meshctl, sandbox, before in
            let path = LiveSandbox.policy("media/default")
            let first = await Self.rollback(meshctl) {
                try sandbox.patch(path, ["spec": ["mtls": ["mode": "DISABLE"]]])
            }
            #expect(first.code == 5, "\(first.errors)")
            #expect(first.errors.contains("it is not as it was planned"))
            #expect(try sandbox.get(path)?[path: "spec", "mtls", "mode"] == "DISABLE")
            let next = await meshctl("rollback", "--yes")
            #expect(next.code == 5, "\(next.errors)")
            #expect(next.output.contains("BEFORE") && next.output.contains("DISABLE"))
            var rest = try sandbox.promised()
            rest["media/default"] = Optional.none
            #expect(rest == before)
            #expect(await meshctl("rollback", "--yes", "--overwrite").code == 0)
            #expect(try sandbox.promised() == before)
        }
    }

    @Test(
        "labels and annotations that others add meanwhile are theirs, and do not stand in the way")
    func annotated() async throws {
        try await Self.with { meshctl, sandbox, before in
            let result = await Self.rollback(meshctl) {
                try sandbox.patch(
                    LiveSandbox.namespace("media"), ["metadata": ["labels": ["team": "tv"]]])
            }
            #expect(result.code == 0, "\(result.errors)")
            var wanted = before
            wanted["media"]?["team"] = "tv"
            let after = try sandbox.promised()
            #expect(after == wanted)
        }
    }

    @Test("a policy that is deleted meanwhile is as wanted already")
    func deleted() async throws {
        try await Self.with { meshctl, sandbox, before in
            let result = await Self.rollback(meshctl) {
                try sandbox.delete(LiveSandbox.policy("media/default"))
            }
            #expect(result.code == 0, "\(result.errors)")
            let after = try sandbox.promised()
            #expect(after == before)
        }
    }

    @Test("a policy that is deleted and made again meanwhile is somebody else's, and stays")
    func recreated() async throws {
        try await Self.with { meshctl, sandbox, before in
            let result = await Self.rollback(meshctl) {
                try sandbox.delete(LiveSandbox.policy("media/default"))
                try sandbox.makePolicy("media/default", ["mtls": ["mode": "STRICT"]])
            }
            #expect(result.code == 5, "\(result.errors)")
            #expect(result.errors.contains("it was deleted and made again"))
            let there = try sandbox.get(LiveSandbox.policy("media/default"))
            #expect(there?[path: "spec", "mtls", "mode"] == "STRICT")
        }
    }

    @Test(
        "a namespace that is deleted meanwhile leaves nothing to do in it",
        arguments: [true, false])
    func namespaceDeleted(beforePlanning: Bool) async throws {
        try await Self.with { meshctl, sandbox, before in
            var wanted = before
            wanted["media"] = Optional.none
            if beforePlanning {
                try sandbox.delete(LiveSandbox.namespace("media"))
                try await sandbox.pass(.seconds(120))
                let result = await meshctl("rollback", "--yes")
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.output.contains("namespace media is gone, and all that was in it"))
            } else {
                let first = await Self.rollback(meshctl) {
                    try sandbox.delete(LiveSandbox.namespace("media"))
                }
                // Some of it may be there still; what is not is nothing for the next one.
                #expect([0, 5].contains(first.code), "\(first.errors)")
                try await sandbox.pass(.seconds(120))
                let next = await meshctl("rollback", "--yes")
                #expect(next.code == 0, "\(next.errors)")
            }
            #expect(try sandbox.promised() == wanted)
        }
    }

    @Test("a namespace that is deleted and made again is another one: nothing in it is touched")
    func namespaceRecreated() async throws {
        for beforePlanning in [true, false] {
            try await Self.with { meshctl, sandbox, before in
                let labels: JSONValue = ["istio.io/dataplane-mode": "ambient", "mine": "true"]
                try sandbox.delete(LiveSandbox.namespace("media"))
                try await sandbox.pass(.seconds(120))
                let remake = { @Sendable () throws -> Void in
                    try sandbox.send(
                        "POST", "/api/v1/namespaces",
                        [
                            "apiVersion": "v1", "kind": "Namespace",
                            "metadata": ["name": "media", "labels": labels],
                        ])
                    try sandbox.makePolicy("media/default", ["mtls": ["mode": "DISABLE"]])
                }
                let result: TestCommand.Result
                if beforePlanning {
                    try remake()
                    result = await meshctl("rollback", "--yes")
                    #expect(result.code == 5, "\(result.errors)")
                } else {
                    result = await Self.rollback(meshctl, meanwhile: remake)
                    #expect(result.code == 0, "\(result.errors)")
                }
                let now = try sandbox.promised()
                #expect(now["media"]?["istio.io/dataplane-mode"] == "ambient")
                #expect(now["media/default"]?[path: "spec", "mtls", "mode"] == "DISABLE")
                #expect(now["default/default"] == before["default/default"])
                #expect(now["default"] == before["default"])
            }
        }
    }
}
