import JSON
import KubernetesSandbox
import MeshModel
import MeshPlanning
import SandboxServer
import Synchronization
import Testing
import Timing

/// Runs that a gate, an approval or a soak stops, and how the same command goes on.
@Suite("Gated apply")
struct GatedApplyTests {
    private static let home = "home-cluster"

    private func lastRun(_ meshctl: TestCommand) throws -> RunState {
        let events = try #require(try JournalReading.runs(meshctl).last)
        return try #require(RunState(replaying: events))
    }

    // MARK: - Gates

    @Test(
        "a gate that fails stops before its batch with 3; with the fault gone, the same command goes on"
    )
    func fault() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["ztunnel-not-ready", "kube-1"]))
            }
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.output)\(stopped.errors)")
            for words in [
                "ztunnel-ready fails", "kube-1", "  $ kubectl", "which was not begun",
                "Go on with the same command.",
            ] {
                #expect(stopped.errors.contains(words), "\(words): \(stopped.errors)")
            }
            let run = try lastRun(meshctl)
            guard case .stopped(.gate(let round)) = run.status else {
                Issue.record("\(run.status)")
                return
            }
            let batch = run.rollout.steps.filter { $0.batch == round.batch }
            #expect(round.moment == .before && !batch.isEmpty)
            for step in run.rollout.steps where step.batch >= round.batch {
                #expect(run.steps[step.id] == .pending, "\(step)")
            }
            let writes = sandbox.writesDone
            let again = await meshctl("apply", "--yes")
            #expect(again.code == 3 && sandbox.writesDone == writes, "\(again.errors)")

            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            try await sandbox.pass(.seconds(60))
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run \(run.header.id)"))
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)

            let shown = await meshctl("show", run.header.id.text, "-o", "json")
            let report = try JSONValue(parsing: Array(shown.output.utf8))
            let asked = (report["events"]?.array ?? []).filter { $0["event"] == "gates-asked" }
            let findings = asked.flatMap { $0[path: "details", "gates"]?.array ?? [] }
            func of(_ verdict: String) -> [JSONValue] {
                findings.filter {
                    $0["gate"] == "ztunnel-ready" && $0["verdict"]?.string == verdict
                }
            }
            #expect(!of("fail").isEmpty && !of("pass").isEmpty, "\(shown.output)")
            #expect(of("pass").allSatisfy { $0["evidence"]?.array?.isEmpty == false })
            #expect(
                of("fail").allSatisfy { $0["subject"]?.string?.contains("kube-1") == true })
        }
    }

    // MARK: - Approvals

    @Test("what clients notice waits for a person's word, which --yes does not give")
    func approval() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, sandbox in
            meshctl.approvals = []
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.output)\(stopped.errors)")
            #expect(stopped.errors.contains("--approve disruptive"), "\(stopped.errors)")
            #expect(stopped.errors.contains("Go on with the same command."))
            let other = await meshctl("apply", "--yes", "--approve", "something-else")
            #expect(other.code == 3 && other.errors.contains("--approve disruptive"))
            let run = try lastRun(meshctl)
            guard case .stopped(.gate(let round)) = run.status else {
                Issue.record("\(run.status)")
                return
            }
            for step in run.rollout.steps where step.batch >= round.batch {
                #expect(run.steps[step.id] == .pending, "\(step)")
            }
            let rest = await meshctl("apply", "--yes", "--approve", "disruptive")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run \(run.header.id)"))
            let given = try given(meshctl)
            #expect(given.contains { $0.contains("tester@host") }, "\(given)")
        }
    }

    @Test("a person at the terminal approves with 'yes' and with nothing else")
    func interactive() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, _ in
            meshctl.approvals = []
            let refused = await meshctl.run(["apply", "--yes"], interactive: true, answer: "y")
            #expect(refused.code == 3, "\(refused.errors)")
            #expect(refused.errors.contains("Approve disruptive? Only 'yes' is accepted: "))
            let silent = await meshctl.run(["apply", "--yes"], interactive: true, answer: nil)
            #expect(silent.code == 3, "\(silent.errors)")
            let rest = await meshctl.run(["apply", "--yes"], interactive: true, answer: "yes")
            #expect(rest.code == 0, "\(rest.errors)")
            let given = try given(meshctl)
            #expect(given.contains { $0.contains("tester@host") }, "\(given)")
        }
    }

    /// What the journal holds of the approvals that were given.
    private func given(_ meshctl: TestCommand) throws -> [String] {
        try JournalReading.runs(meshctl).flatMap(\.self).flatMap { event -> [String] in
            guard case .gatesAsked(_, let findings) = event else { return [] }
            return findings.filter { $0.gate == .approval && $0.verdict == .pass }
                .map { ([$0.reason] + $0.evidence).joined(separator: "\n") }
        }
    }

    @Test("what breaks while proxies are watched is noticed: the other gates are asked anew")
    func watchedLong() async throws {
        // Pods and proxies are younger than the window, and have to be watched for a while.
        let plan = try ExamplePlan.text(Self.home).replacing(
            "  gates:\n", with: "  gates:\n    no-plaintext: {window: 80h}\n")
        try await LiveSandbox.with(Self.home, plan: plan) { meshctl, sandbox in
            let clock = Breaking(sandbox, after: .seconds(7200))
            meshctl.clock = clock
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.errors)")
            #expect(stopped.errors.contains("dns-ready fails"), "\(stopped.errors)")
            #expect(clock.slept > .seconds(14_400))
            let run = try lastRun(meshctl)
            #expect(
                !run.rollout.steps.contains { run.steps[$0.id] != .pending && $0.phase == .strict })
        }
    }

    // MARK: - Soaks

    private static func soaking() throws -> String {
        try ExamplePlan.text(home).replacing(
            "    settle: 30s", with: "    settle: 30s\n    soak: {permissive: 24h}")
    }

    @Test("a soak that is far from its end stops with 3; a day later the same command goes on")
    func soak() async throws {
        try await LiveSandbox.with(Self.home, plan: Self.soaking()) { meshctl, sandbox in
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.output)\(stopped.errors)")
            #expect(stopped.errors.contains("soaking until 2026-11-21T"), "\(stopped.errors)")
            #expect(stopped.errors.contains("Go on with the same command."))
            let early = await meshctl("apply", "--yes")
            #expect(early.code == 3 && early.errors.contains("soaking until 2026-11-21T"))
            var runs = 0
            var last = early
            while last.code == 3, runs < 4 {
                try await sandbox.pass(.seconds(86_400))
                last = await meshctl("apply", "--yes")
                runs += 1
            }
            #expect(last.code == 0, "\(last.errors)")
            let ids = try JournalReading.ids(meshctl)
            #expect(ids.count == 1)
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
        }
    }

    @Test("--wait waits a soak out")
    func patience() async throws {
        try await LiveSandbox.with(Self.home, plan: Self.soaking()) { meshctl, sandbox in
            let start = sandbox.session.clock.now()
            let result = await meshctl("apply", "--yes", "--wait", "24h")
            #expect(result.code == 0, "\(result.errors)")
            #expect(sandbox.session.clock.now() - start > .seconds(86_400))
        }
    }

    @Test("a wait that is none is told before anything is asked of the cluster")
    func noDuration() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            let result = await meshctl("apply", "--yes", "--wait", "soon")
            #expect(result.code == 64 && result.errors.contains("'soon' is no duration"))
            #expect(sandbox.writesDone == 0 && !meshctl.exists("state/meshctl.db"))
        }
    }

    // MARK: - Ctrl-C

    @Test(
        "Ctrl-C while gates are asked, or while a wave is watched, stops with 130",
        arguments: ["asking", "watching"])
    func stopped(at words: String) async throws {
        try await LiveSandbox.with(Self.home, plan: Self.soaking()) { meshctl, sandbox in
            meshctl.errorIsTerminal = true
            let once = Once()
            meshctl.onErrors = { [stop = meshctl.stop] text in
                if text.contains(words), once.first() { stop.press() }
            }
            let stopped = await meshctl("apply", "--yes", "--wait", "24h")
            #expect(stopped.code == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("stopped; nothing is in flight"))
            let run = try lastRun(meshctl)
            #expect(run.status == .stopped(.interrupted))
            meshctl.onErrors = { _ in }
            let rest = await meshctl("apply", "--yes", "--wait", "24h")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run \(run.header.id)"))
            let ids = try JournalReading.ids(meshctl)
            #expect(ids.count == 1)
        }
    }
}

/// The sandbox's clock, on which DNS breaks once so much was waited for at one go.
private final class Breaking: RunClock {
    private let sandbox: LiveSandbox
    private let after: Duration
    private let total = Mutex(Duration.zero)

    init(_ sandbox: LiveSandbox, after: Duration) {
        self.sandbox = sandbox
        self.after = after
    }

    var slept: Duration { total.withLock { $0 } }

    func now() -> Timestamp { sandbox.session.clock.now() }

    func standBy(for duration: Duration) async throws {
        try await sandbox.session.clock.standBy(for: duration)
    }

    func sleep(for duration: Duration) async throws {
        try await sandbox.session.clock.sleep(for: duration)
        let total = total.withLock { total in
            total += duration
            return total
        }
        if total >= after, total - duration < after {
            try sandbox.session.withCluster { try $0.switchOn(Fault(["dns-down"])) }
        }
    }
}
