import Foundation
import JSON
import MeshPlanning
import SandboxServer
import Testing
import Timing

/// Real processes that share a machine, a state file and a cluster, whose time flies meanwhile.
@Suite("A rollback in an incident", .timeLimit(.minutes(10)))
struct IncidentRollbackTests {
    enum Trouble: String, CaseIterable, Sendable {
        /// The apply watches a wave.
        case soaks
        /// It is stopped by the system, and will go on some day.
        case hangs
        /// It waits for a person who is not there.
        case holds
        /// It was killed.
        case died
    }

    @Test("gets through, whatever keeps the apply", arguments: Trouble.allCases)
    func getsThrough(_ trouble: Trouble) async throws {
        let plan = SilentPlans.home("settle: 0s, soak: {enroll: 20m}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            var apply = try MeshctlProcess(["apply", "--yes"], folder: meshctl.folder)
            try await Self.wait(apply, sandbox) { apply.errors.contains("watching") }
            switch trouble {
            case .soaks: break
            case .hangs: apply.send(SIGSTOP)
            case .died: apply.kill()
            case .holds:
                apply.send(SIGINT)
                #expect(try await apply.ended() == 130)
                let terminal = try TestTerminal()
                apply = try MeshctlProcess(
                    ["apply"], folder: meshctl.folder, terminal: terminal)
                try await Self.wait(apply, sandbox) { apply.errors.contains("Go on?") }
            }

            let start = ContinuousClock.now
            let rollback = try MeshctlProcess(["rollback", "--yes"], folder: meshctl.folder)
            for _ in 0..<9000 where rollback.isRunning {
                try await Task.sleep(for: .milliseconds(10))
                try await sandbox.pass(.milliseconds(50))
            }
            let took = start.duration(to: .now)
            #expect(!rollback.isRunning && took < .seconds(90), "\(took)")
            #expect(try await rollback.ended() == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)

            switch trouble {
            case .soaks:
                #expect(try await apply.ended() == 10, "\(apply.errors)")
                #expect(apply.errors.contains("asked to stop, to roll back"), "\(apply.errors)")
                #expect(took < .seconds(40), "\(took)")
            case .hangs:
                apply.send(SIGCONT)
                #expect(try await apply.ended() == 10, "\(apply.errors)")
                #expect(apply.errors.contains("the lock of the cluster is lost to"))
                #expect(rollback.errors.contains("kill -9"), "\(rollback.errors)")
            case .holds: apply.kill()
            case .died: break
            }
            #expect(try sandbox.promised() == before)
            let lease = try #require(try sandbox.get(LeaseObject.path))
            #expect(lease["spec"]?["holderIdentity"] == nil)
            #expect(lease[path: "metadata", "annotations", "meshctl.dev/run"] == nil)
            let runs = try JournalReading.runs(meshctl)
            #expect(runs.count == 2 && runs.last?.last == .finished(.done))
        }
    }

    private static func wait(
        _ process: MeshctlProcess, _ sandbox: LiveSandbox, until isSo: () -> Bool
    ) async throws {
        for _ in 0..<6000 where process.isRunning && !isSo() {
            try await Task.sleep(for: .milliseconds(10))
            try await sandbox.pass(.milliseconds(50))
        }
        #expect(process.isRunning && isSo(), "\(process.errors)")
    }
}
