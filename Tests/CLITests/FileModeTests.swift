import Foundation
import SandboxServer
import Testing

/// What meshctl writes is its owner's alone, also for a person whose files are open to all.
@Suite("Under umask 000", .timeLimit(.minutes(10)))
struct FileModeTests {
    @Test(
        "the state file, its log, its lock, its copies, the saved plan and their folder are private"
    )
    func modes() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home("settle: 10m")) {
            meshctl, sandbox in
            let shell = try MeshctlProcess.shell(
                """
                umask 000
                meshctl plan --out saved.plan && meshctl observe --for 1s --every 1s || exit
                exec "$MESHCTL" apply --yes --state made/here/meshctl.db
                """, folder: meshctl.folder)
            // Killed in the middle: only then does SQLite leave its log behind.
            for _ in 0..<3000 where shell.isRunning && sandbox.writesDone == 0 {
                try await Task.sleep(for: .milliseconds(10))
                try await sandbox.pass(.milliseconds(10))
            }
            shell.kill()
            #expect(sandbox.writesDone > 0, "\(shell.errors)")
            for name in [
                "saved.plan", "state/meshctl.db", "made/here/meshctl.db",
                "made/here/meshctl.db-wal",
                "made/here/meshctl.db-shm", "made/here/meshctl.db.lock",
            ] { #expect(try FileMode.of(meshctl.path(name)) == 0o600, "\(name)") }
            for name in ["state", "made", "made/here"] {
                #expect(try FileMode.of(meshctl.path(name)) == 0o700, "\(name)")
            }
        }
    }
}
