import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Synchronization
import Testing
import Timing

/// The API server is away while a run goes on.
@Suite("An outage")
struct OutageTests {
    private static let away = "the API server does not answer"

    /// When the server goes, and when it comes back.
    private struct Plan: Sendable {
        var fault: [String]
        /// What the command says when it goes.
        var from: String
        /// How often the command says that it is away before it is back; nil for never.
        var lines: Int?
    }

    /// What a hook has seen so far.
    private final class Seen: Sendable {
        private let state = Mutex((began: false, lines: 0))

        func begins() -> Bool {
            state.withLock { state in
                defer { state.began = true }
                return !state.began
            }
        }

        func nextLine() -> Int {
            state.withLock { state in
                state.lines += 1
                return state.lines
            }
        }
    }

    private static func arrange(
        _ plan: Plan, _ meshctl: inout TestCommand, _ sandbox: LiveSandbox,
        also: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        let seen = Seen()
        meshctl.errorIsTerminal = true
        meshctl.onErrors = { [session = sandbox.session] text in
            if text.contains(plan.from), seen.begins() {
                try? session.withCluster { try $0.switchOn(Fault(plan.fault)) }
            }
            if text.contains(away), seen.nextLine() == plan.lines {
                try? session.withCluster { _ = try $0.switchOff(Fault(plan.fault)) }
            }
            also(text)
        }
    }

    private static func restore(_ meshctl: inout TestCommand, _ sandbox: LiveSandbox) throws {
        meshctl.onErrors = { _ in }
        try sandbox.session.withCluster { _ = $0.switchOff(nil) }
    }

    /// Each step has one receipt, and the cluster has done as many writes as there are steps.
    private static func expectEachDoneOnce(
        _ events: [RunEvent], _ sandbox: LiveSandbox, countingLost: Bool = false
    ) throws {
        let run = try #require(RunState(replaying: events))
        #expect(run.status == .finished(.done))
        var receipts: [StepID: Int] = [:]
        for case .stepWritten(let id, _) in events { receipts[id, default: 0] += 1 }
        #expect(receipts.values.allSatisfy { $0 == 1 } && receipts.count == run.rollout.steps.count)
        let lost = sandbox.session.requestLog.count {
            $0.method != "GET" && $0.status == 0 && !LiveSandbox.isOfState($0.method, $0.path)
        }
        #expect(sandbox.writesDone + (countingLost ? lost : 0) == run.rollout.steps.count)
    }

    private static let faults = [
        ["api-reset"], ["api-status", "503"], ["api-status", "429"], ["lost-responses"],
    ]

    @Test("pauses the run, which then goes on; nothing is written twice", arguments: faults)
    func comesBack(fault: [String]) async throws {
        for words in ["[2/", "settling"] {
            try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) {
                meshctl, sandbox in
                Self.arrange(Plan(fault: fault, from: words, lines: 4), &meshctl, sandbox)
                let result = await meshctl("apply", "--yes")
                #expect(result.code == 0, "\(words): \(result.errors)")
                #expect(result.errors.contains(Self.away + " since 2026-11-20T"))
                #expect(result.errors.contains("trying again, 4m"))
                #expect(result.errors.contains("the API server answers again, after "))
                try Self.expectEachDoneOnce(
                    try #require(try JournalReading.runs(meshctl).last), sandbox,
                    countingLost: fault == ["lost-responses"])
                #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            }
        }
    }

    @Test("that lasts stops the run with 10, and the same command goes on", arguments: faults)
    func lasts(fault: [String]) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            Self.arrange(Plan(fault: fault, from: "[2/"), &meshctl, sandbox)
            let start = sandbox.session.clock.now()
            let stopped = await meshctl("apply", "--yes", "--max-outage", "90s")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(stopped.errors.contains("no answer from the API server since 2026-11-20T"))
            #expect(stopped.errors.contains("Go on with the same command."))
            #expect(stopped.errors.contains("Go back with: meshctl rollback"))
            #expect(sandbox.session.clock.now() - start > .seconds(90))
            let open = try #require(
                RunState(replaying: try JournalReading.runs(meshctl).last ?? []))
            guard case .stopped(.unreachable) = open.status else {
                Issue.record("\(open.status)")
                return
            }
            for (id, state) in open.steps {
                guard case .inDoubt = state else { continue }
                let line = stopped.errors.split(separator: "\n").last { $0.contains("in doubt") }
                #expect(line?.contains("step \(id.number),") == true, "\(stopped.errors)")
            }
            try Self.restore(&meshctl, sandbox)
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            try Self.expectEachDoneOnce(
                try #require(try JournalReading.runs(meshctl).last), sandbox,
                countingLost: fault == ["lost-responses"])

            Self.arrange(Plan(fault: fault, from: "[2/"), &meshctl, sandbox)
            let half = await meshctl("rollback", "--yes")
            #expect(half.code == 10, "\(half.errors)")
            try Self.restore(&meshctl, sandbox)
            let back = await meshctl("rollback", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("is told once a minute where there is no terminal")
    func told() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            Self.arrange(Plan(fault: ["api-reset"], from: "[2/"), &meshctl, sandbox)
            meshctl.errorIsTerminal = false
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 10, "\(stopped.errors)")
            let lines = stopped.errors.split(separator: "\n").filter { $0.contains(Self.away) }
            #expect((4...6).contains(lines.count), "\(stopped.errors)")
            #expect(lines.allSatisfy { $0.contains("trying again, ") && $0.hasSuffix(" left") })
        }
    }

    @Test("before the first write changes nothing: exit 1, and the same command goes on")
    func beforeTheFirstWrite() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            Self.arrange(Plan(fault: ["api-reset"], from: "asking"), &meshctl, sandbox)
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 1, "\(stopped.errors)")
            #expect(stopped.errors.contains("stopped; nothing was changed"))
            try Self.restore(&meshctl, sandbox)
            #expect(sandbox.writesDone == 0)
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0 && rest.errors.contains("Going on with run"), "\(rest.errors)")
        }
    }

    @Test("while gates are asked, is waited for: they are asked anew, and none is inconclusive")
    func gates() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            Self.arrange(
                Plan(fault: ["api-status", "503"], from: "asking", lines: 3), &meshctl, sandbox)
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("the API server answers again"))
        }
    }

    @Test("that begins while pods are asked is not taken for theirs")
    func pods() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let fault = ["api-status", "503"]
            let begins = Once()
            var hooks = RelayServer.Hooks()
            hooks.request = { [session = sandbox.session] line in
                if line.contains("/pods/ztunnel-"), begins.first() {
                    try? session.withCluster { try $0.switchOn(Fault(fault)) }
                }
                return true
            }
            let relay = try RelayServer(to: sandbox.session.port, hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            Self.arrange(Plan(fault: fault, from: "never said", lines: 3), &meshctl, sandbox)
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("the API server answers again"))
        }
    }

    @Test("does not count against the deadline of a confirmation")
    func confirmation() async throws {
        let plan = SilentPlans.resilient("settle: 0s, limits: {confirm: 20s}")
        try await LiveSandbox.with("resilient-platform", plan: plan) { meshctl, sandbox in
            let stuck = ["pods-never-ready", "resilient-platform/backend"]
            try sandbox.session.withCluster { try $0.switchOn(Fault(stuck)) }
            Self.arrange(
                Plan(fault: ["api-reset"], from: "waiting", lines: 9), &meshctl, sandbox,
                also: { [session = sandbox.session] text in
                    guard text.contains("answers again") else { return }
                    try? session.withCluster { _ = try $0.switchOff(Fault(stuck)) }
                })
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("the API server answers again"))
        }
    }

    @Test("of writes alone is waited for as well")
    func writesOnly() async throws {
        for fault in [["api-status", "503", "PATCH"], ["api-reset", "PATCH"]] {
            try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) {
                meshctl, sandbox in
                Self.arrange(Plan(fault: fault, from: "[2/", lines: 4), &meshctl, sandbox)
                let result = await meshctl("apply", "--yes")
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.errors.contains(Self.away))
                try Self.expectEachDoneOnce(
                    try #require(try JournalReading.runs(meshctl).last), sandbox)
            }
            try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) {
                meshctl, sandbox in
                Self.arrange(Plan(fault: fault, from: "[2/"), &meshctl, sandbox)
                let result = await meshctl("apply", "--yes")
                #expect(result.code == 10, "\(result.errors)")
                try Self.restore(&meshctl, sandbox)
                #expect(await meshctl("apply", "--yes").code == 0)
            }
        }
    }

    @Test("is not waited for after Ctrl-C: what is in doubt is told, and the same command goes on")
    func interrupted() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            Self.arrange(
                Plan(fault: ["lost-responses"], from: "[2/"), &meshctl, sandbox,
                also: { [stop = meshctl.stop] text in
                    if text.contains(Self.away) { stop.press() }
                })
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("in doubt, and to be read back first: step "))
            try Self.restore(&meshctl, sandbox)
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("reading it back shows the change"))
            try Self.expectEachDoneOnce(
                try #require(try JournalReading.runs(meshctl).last), sandbox, countingLost: true)
        }
    }

    @Test("a limit that is none is told before anything is asked of the cluster")
    func noDuration() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            for command in ["apply", "rollback"] {
                let result = await meshctl(command, "--yes", "--max-outage", "long")
                #expect(result.code == 64 && result.errors.contains("'long' is no duration"))
            }
            #expect(sandbox.session.requestLog.isEmpty)
        }
    }
}
