import CLI
import Foundation
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Testing
import Timing

/// Ctrl-C and its like for real processes. The cluster lives on in this one, and its time flies meanwhile.
@Suite("A signal", .timeLimit(.minutes(60)))
struct SignalTests {
    /// Waits until something holds of a process; the cluster lives on meanwhile.
    private static func wait(
        for process: MeshctlProcess, _ sandbox: LiveSandbox, until isSo: () -> Bool
    ) async throws {
        for _ in 0..<6000 where process.isRunning && !isSo() {
            try await Task.sleep(for: .milliseconds(10))
            try await sandbox.pass(.milliseconds(50))
        }
        #expect(process.isRunning && isSo(), "\(process.errors)")
    }

    /// The exit code, and how long it took from now on.
    private static func end(
        of process: MeshctlProcess
    ) async throws -> (code: Int32, took: Duration) {
        let start = ContinuousClock.now
        let code = try await process.ended()
        return (code, start.duration(to: .now))
    }

    private static func isAsked(_ path: String, of sandbox: LiveSandbox) -> Bool {
        sandbox.session.requestLog.contains { $0.path.contains(path) }
    }

    private static func lastRun(_ meshctl: TestCommand) throws -> RunState {
        try #require(RunState(replaying: try JournalReading.runs(meshctl).last ?? []))
    }

    /// The same command ends the run, with as many writes in all as there are steps.
    private static func expectGoingOn(
        _ meshctl: inout TestCommand, _ sandbox: LiveSandbox
    ) async throws {
        try sandbox.session.withCluster { _ = $0.switchOff(nil) }
        // A soak of the process began in the machine's time, to which the cluster's catches up.
        let behind = SystemClock().now() - sandbox.session.clock.now()
        if behind > .zero { try await sandbox.pass(behind) }
        let rest = await meshctl("apply", "--yes", "--wait", "24h")
        #expect(rest.code == 0, "\(rest.errors)")
        #expect(rest.errors.contains("Going on with run"))
        let run = try lastRun(meshctl)
        #expect(run.status == .finished(.done))
        #expect(sandbox.writesDone == run.rollout.steps.count)
    }

    // MARK: - While something is waited for

    enum Wait: String, CaseIterable, Sendable {
        case settling, gates, soaking, confirmation, outage

        var scenario: String { self == .confirmation ? "resilient-platform" : "home-cluster" }

        var plan: String {
            switch self {
            case .settling: SilentPlans.home("settle: 10m")
            case .gates:
                SilentPlans.home("settle: 0s").replacing("window: 1s", with: "window: 720h")
            case .soaking: SilentPlans.home("settle: 0s, soak: {enroll: 20m}")
            case .confirmation: SilentPlans.resilient("settle: 0s")
            case .outage: SilentPlans.home("settle: 0s")
            }
        }

        func begin(_ sandbox: LiveSandbox) throws {
            guard self == .confirmation else { return }
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["pods-never-ready", "resilient-platform/backend"]))
            }
        }

        func isReached(_ errors: String, _ sandbox: LiveSandbox) -> Bool {
            switch self {
            case .settling: return errors.contains("settling")
            case .gates: return SignalTests.isAsked("/proxy/stats/prometheus", of: sandbox)
            case .soaking: return errors.contains("watching")
            case .confirmation: return errors.contains("waiting")
            case .outage:
                if errors.contains("[1/") {
                    try? sandbox.session.withCluster { try $0.switchOn(Fault(["api-reset"])) }
                }
                return errors.contains("does not answer")
            }
        }
    }

    @Test(
        "ends a wait at once and cleanly, with 130; the same command goes on",
        arguments: Wait.allCases, [SIGINT, SIGTERM])
    func waiting(_ wait: Wait, signal: Int32) async throws {
        try await LiveSandbox.with(wait.scenario, plan: wait.plan) { meshctl, sandbox in
            try wait.begin(sandbox)
            let process = try MeshctlProcess(
                ["apply", "--yes", "--approve", "disruptive"], folder: meshctl.folder)
            try await Self.wait(for: process, sandbox) { wait.isReached(process.errors, sandbox) }
            process.send(signal)
            let (code, took) = try await Self.end(of: process)
            #expect(code == 130, "\(process.errors)")
            #expect(took < .seconds(20), "\(wait) \(took)")
            #expect(process.errors.contains("stopping: a write in flight is finished first"))
            #expect(process.errors.contains("Error: stopped; "), "\(process.errors)")
            #expect(process.errors.contains("Go on with the same command."))
            let run = try Self.lastRun(meshctl)
            #expect(run.status == .stopped(.interrupted))
            if wait == .gates {
                try meshctl.write(SilentPlans.home("settle: 0s"), to: "plans/plan.yaml")
                #expect(await meshctl("apply", "--yes").code == 0)
            } else {
                try await Self.expectGoingOn(&meshctl, sandbox)
            }
        }
    }

    // MARK: - While something is written

    /// Starts an apply, and waits until the server has done its first write and holds back the answer.
    private static func slowWrite(
        answeredAfter milliseconds: Int, _ meshctl: TestCommand, _ sandbox: LiveSandbox
    ) async throws -> MeshctlProcess {
        try sandbox.session.withCluster {
            try $0.switchOn(Fault(["api-slow", "\(milliseconds)", "1", "PATCH", "/api/v1"]))
        }
        let process = try MeshctlProcess(["apply", "--yes"], folder: meshctl.folder)
        try await wait(for: process, sandbox) { sandbox.writesDone == 1 }
        return process
    }

    private static let plan = SilentPlans.home("settle: 0s")

    @Test(
        "lets a write in flight come to its end, and begins nothing more",
        arguments: [[SIGINT], [SIGTERM], [SIGHUP], [SIGHUP, SIGHUP], [SIGTERM, SIGHUP]])
    func writing(signals: [Int32]) async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let process = try await Self.slowWrite(answeredAfter: 3000, meshctl, sandbox)
            for signal in signals {
                process.send(signal)
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(try await process.ended() == 130, "\(process.errors)")
            #expect(process.errors.contains("Error: stopped; nothing is in flight"))
            let events = try #require(try JournalReading.runs(meshctl).last)
            let written = events.filter { if case .stepWritten = $0 { true } else { false } }
            #expect(written.count == 1)
            #expect(events.last == .stopped(.interrupted))
            #expect(sandbox.writesDone == 1)
            try await Self.expectGoingOn(&meshctl, sandbox)
        }
    }

    @Test(
        "that is the second one ends at once: the write is in doubt, and neither lost nor done twice",
        arguments: [[SIGINT, SIGINT], [SIGTERM, SIGTERM], [SIGINT, SIGTERM], [SIGHUP, SIGINT]])
    func twice(signals: [Int32]) async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let process = try await Self.slowWrite(answeredAfter: 60_000, meshctl, sandbox)
            process.send(signals[0])
            try await Self.wait(for: process, sandbox) { process.errors.contains("stopping") }
            process.send(signals[1])
            let (code, took) = try await Self.end(of: process)
            #expect(code == 130 && took < .seconds(10), "\(took) \(process.errors)")
            #expect(process.errors.contains("Error: ended at once; what was in flight is in doubt"))
            let run = try Self.lastRun(meshctl)
            #expect(run.status == .open)
            let doubtful = run.steps.values.count { if case .inDoubt = $0 { true } else { false } }
            #expect(doubtful == 1)
            try await Self.expectGoingOn(&meshctl, sandbox)
            let events = try JournalReading.runs(meshctl).last ?? []
            let readBack = events.count {
                if case .stepWritten(_, let receipt) = $0 {
                    receipt.foundByReadingBack
                } else {
                    false
                }
            }
            #expect(readBack == 1)
        }
    }

    @Test("of a terminal that is gone does not end what nohup started")
    func nohup() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home("settle: 10m")) {
            meshctl, sandbox in
            let process = try MeshctlProcess.shell(
                "trap '' HUP; exec $MESHCTL apply --yes", folder: meshctl.folder)
            try await Self.wait(for: process, sandbox) { process.errors.contains("settling") }
            process.send(SIGHUP)
            try await Task.sleep(for: .milliseconds(500))
            #expect(process.isRunning && !process.errors.contains("stopping"))
            process.send(SIGTERM)
            #expect(try await process.ended() == 130)
            #expect(process.errors.contains("Error: stopped; nothing is in flight"))
        }
    }

    @Test(
        "ends a question to the person", arguments: ["Apply these", "Approve disruptive?"],
        [SIGINT, SIGTERM])
    func asking(words: String, signal: Int32) async throws {
        try await LiveSandbox.with("resilient-platform", plan: SilentPlans.resilient()) {
            meshctl, sandbox in
            let isInRun = words.hasPrefix("Approve")
            let process = try MeshctlProcess(
                ["apply"] + (isInRun ? ["--yes"] : []), folder: meshctl.folder,
                terminal: try TestTerminal())
            try await Self.wait(for: process, sandbox) { process.errors.contains(words) }
            process.send(signal)
            let (code, took) = try await Self.end(of: process)
            #expect(code == 130 && took < .seconds(10), "\(took)")
            let last = isInRun ? "Go on with the same command." : "Error: interrupted"
            #expect(process.errors.contains(last), "\(process.errors)")
            if isInRun { #expect(try Self.lastRun(meshctl).status == .stopped(.interrupted)) }
        }
    }

    // MARK: - Without a run

    @Test(
        "ends a command that has no run at once, with 130",
        arguments: [["plan"], ["status"], ["check"], ["apply", "--yes"]],
        [SIGINT, SIGTERM, SIGHUP])
    func reading(command: [String], signal: Int32) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["api-slow", "60000", "GET"]))
            }
            let process = try MeshctlProcess(command, folder: meshctl.folder)
            try await Self.wait(for: process, sandbox) { !sandbox.session.requestLog.isEmpty }
            process.send(signal)
            let (code, took) = try await Self.end(of: process)
            #expect(code == 130 && took < .seconds(10), "\(took)")
            #expect(process.errors == "Error: interrupted\n")
        }
    }

    @Test("ends a check that waits for its gates, with 130", arguments: [SIGINT, SIGTERM])
    func check(signal: Int32) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            try sandbox.session.withCluster { try $0.switchOn(Fault(["dns-down"])) }
            let process = try MeshctlProcess(
                ["check", "--category", "dns-ready", "--wait", "10m"], folder: meshctl.folder)
            try await Self.wait(for: process, sandbox) {
                Self.isAsked("/pods", of: sandbox)
            }
            try await Task.sleep(for: .seconds(1))
            #expect(process.isRunning)
            process.send(signal)
            let (code, took) = try await Self.end(of: process)
            #expect(code == 130 && took < .seconds(10), "\(took)")
        }
    }
}
