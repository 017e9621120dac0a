import Foundation
import MeshPlanning
import SandboxServer
import Testing

/// kill -9 at a write of a run. The cluster lives on, as it is in another process than the killed one.
@Suite("A killed run", .timeLimit(.minutes(60)))
struct KillTests {
    struct Death: Sendable, CustomTestStringConvertible {
        var write: Int
        var moment: Killer.Moment

        var testDescription: String { "write \(write), \(moment.rawValue)" }
    }

    static let deaths = [1, 3, 6].flatMap { write in
        Killer.Moment.allCases.map { Death(write: write, moment: $0) }
    }

    @Test(
        "an apply, then a rollback, is finished by the next run, and nothing is done twice",
        arguments: deaths)
    func killed(at death: Death) async throws {
        try await LiveSandbox.with("resilient-platform", plan: SilentPlans.resilient()) {
            meshctl, sandbox in
            let killer = Killer()
            let relay = try RelayServer(to: sandbox.session.port, killer.hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let before = try sandbox.promised()
            for (run, command) in ["apply", "rollback"].enumerated() {
                let writes = sandbox.writesDone
                try await Self.kill(command, at: death, killer, meshctl, sandbox)
                let open = try JournalReading.runs(meshctl)
                #expect(open.count == run + 1)
                #expect(open.last?.contains(.finished(.done)) == false)
                let rest = await meshctl(command, "--yes")
                #expect(rest.code == 0, "\(rest.errors)")
                #expect(rest.errors.contains("Going on with"), "\(rest.errors)")
                let runs = try JournalReading.runs(meshctl)
                #expect(runs.count == run + 1)
                try Self.expectEachDoneOnce(runs[run], sandbox.writesDone - writes)
            }
            #expect(try sandbox.promised() == before)
        }
    }

    /// Runs the program until it dies at its write; meanwhile the cluster's time flies.
    static func kill(
        _ command: String, at death: Death, _ killer: Killer, _ meshctl: TestCommand,
        _ sandbox: LiveSandbox
    ) async throws {
        killer.aim(atWrite: death.write, death.moment)
        let approvals = command == "apply" ? ["--approve", "disruptive"] : []
        let process = try MeshctlProcess([command, "--yes"] + approvals, folder: meshctl.folder)
        killer.victim(is: process)
        for _ in 0..<3000 where process.isRunning {
            try await Task.sleep(for: .milliseconds(10))
            try await sandbox.pass(.milliseconds(100))
        }
        #expect(killer.hasKilled, "\(command) ended by itself")
        #expect(try await process.ended() == 128 + SIGKILL)
    }

    /// One receipt a step, and as many writes at the server, by both processes, as the run has steps.
    static func expectEachDoneOnce(
        _ events: [RunEvent], _ writesDone: Int, _ what: Comment = ""
    ) throws {
        let run = try #require(RunState(replaying: events), what)
        #expect(run.status == .finished(.done), what)
        var receipts: [StepID: Int] = [:]
        for case .stepWritten(let id, _) in events { receipts[id, default: 0] += 1 }
        #expect(receipts.values.allSatisfy { $0 == 1 }, what)
        #expect(writesDone == run.rollout.steps.count, what)
    }
}
