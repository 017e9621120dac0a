import Foundation
import MeshPlanning
import SandboxServer
import TestSupport
import Testing

/// kill -9 at random moments: what nobody thought of when choosing the moments of `KillTests`. The cluster lives
/// on in this process, and counts what was written to it.
@Suite("A run that is killed at any moment", .timeLimit(.minutes(30)))
struct RandomKillTests {
    /// So many at the same time: most of a run is waiting.
    private static let clusters =
        ProcessInfo.processInfo.environment["MESHCTL_CI"] == "full" ? 10 : 1
    /// In each cluster: 50 with `MESHCTL_CI=full`, and a handful otherwise.
    private static let deaths = clusters == 1 ? 3 : 5
    /// Each run dies as often, where it does not end before: once or twice, and so also while it goes on.
    private static let deathsOfARun = 1...2

    @Test(
        "apply and rollback are finished by the next run, and nothing is done twice",
        arguments: 0..<clusters)
    func killed(cluster: Int) async throws {
        let seed = Int.random(in: 0..<1_000_000)
        var random = SeededGenerator(seed: seed)
        let lasts = try await Self.measure()
        var died = 0
        for round in 0..<Self.deaths where died < Self.deaths {
            let what: Comment = "seed \(seed), round \(round)"
            try await Self.with { meshctl, sandbox in
                let before = try sandbox.promised()
                for (run, command) in ["apply", "rollback"].enumerated() {
                    let writes = sandbox.writesDone
                    for _ in 0..<Int.random(in: Self.deathsOfARun, using: &random) {
                        let moment = Self.moment(within: lasts[run], &random)
                        let code = try await Self.run(
                            command, meshctl, sandbox, killedAfter: moment)
                        #expect(code == 0 || code == 128 + SIGKILL, what)
                        died += code == 0 ? 0 : 1
                    }
                    let code = try await Self.run(command, meshctl, sandbox)
                    #expect(code == 0, what)
                    let runs = try JournalReading.runs(meshctl)
                    try #require(runs.count == run + 1, what)
                    try KillTests.expectEachDoneOnce(runs[run], sandbox.writesDone - writes, what)
                }
                #expect(try sandbox.promised() == before, what)
            }
        }
        #expect(died >= Self.deaths, "seed \(seed): too many runs ended before their moment")
    }

    /// One in five dies as it begins, the others at any time that such a run takes.
    private static func moment(
        within last: Duration, _ random: inout SeededGenerator
    ) -> Duration {
        if random.oneIn(5) { return .milliseconds(Int.random(in: 0..<100, using: &random)) }
        return last * Double.random(in: 0..<1, using: &random)
    }

    /// How long an apply and a rollback take on this machine.
    private static func measure() async throws -> [Duration] {
        var lasts: [Duration] = []
        try await with { meshctl, sandbox in
            for command in ["apply", "rollback"] {
                let start = ContinuousClock.now
                let code = try await run(command, meshctl, sandbox)
                #expect(code == 0)
                lasts.append(start.duration(to: .now))
            }
        }
        return lasts
    }

    private static func with(
        _ body: (TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("resilient-platform", plan: SilentPlans.resilient()) {
            try await body($0, $1)
        }
    }

    /// The exit code of the program; 137 where it was killed. Meanwhile the cluster's time flies.
    private static func run(
        _ command: String, _ meshctl: TestCommand, _ sandbox: LiveSandbox,
        killedAfter moment: Duration? = nil
    ) async throws -> Int32 {
        let approvals = command == "apply" ? ["--approve", "disruptive"] : []
        let process = try MeshctlProcess([command, "--yes"] + approvals, folder: meshctl.folder)
        let start = ContinuousClock.now
        while process.isRunning {
            let lived = start.duration(to: .now)
            if let moment, lived >= moment {
                process.kill()
                break
            }
            let nap = min(.milliseconds(10), (moment ?? lived + .seconds(1)) - lived)
            try await Task.sleep(for: max(nap, .microseconds(100)))
            try await sandbox.pass(.milliseconds(100))
        }
        let code = try await process.ended()
        if code != 0, code != 128 + SIGKILL { Issue.record("\(command): \(process.errors)") }
        return code
    }
}
