import Foundation
import JSON
import Journal
import Testing
import Timing

/// The state file helps nobody at an incident who cannot open it.
@Suite("The state file in an emergency")
struct EmergencyStateFileTests {
    @Test(
        "that is damaged does not stop it, and stays as it is",
        arguments: StateFileTests.damages)
    func damagedState(_ damage: StateFileTests.Damage) async throws {
        try await EmergencyTests.with { meshctl, sandbox in
            let wanted = try EmergencyTests.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            let file = meshctl.path("state/meshctl.db")
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: file + suffix)
            }
            try damage.make(file)
            let bytes = try meshctl.bytes("state/meshctl.db")
            let result = await meshctl("rollback", "--emergency", "--unenroll", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("The emergency goes on without the state file"))
            let promised = try sandbox.promised()
            for name in ["media/default", "default/default"] {
                #expect(promised[name] == wanted[name])
            }
            #expect(promised["media"]?["istio.io/dataplane-mode"] == nil)
            #expect(try meshctl.bytes("state/meshctl.db") == bytes)
        }
    }

    @Test("nor does a place where there can be none, or another meshctl that holds it: 5 then")
    func noState() async throws {
        try await EmergencyTests.with { meshctl, sandbox in
            let lock = try StateLock.acquire(
                statePath: meshctl.path("state/meshctl.db"),
                as: StateLock.Holder(
                    pid: 4711, host: "laptop", command: "apply", since: Timestamp(milliseconds: 0)))
            let wanted = try EmergencyTests.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            let locked = await meshctl("rollback", "--emergency", "--yes")
            #expect(locked.code == 5, "\(locked.errors)")
            #expect(locked.errors.contains("process 4711 on laptop"))
            #expect(locked.errors.contains("another meshctl is at work, and may tighten again"))
            #expect(try sandbox.promised() == wanted)
            lock.release()
        }
        try await EmergencyTests.with { meshctl, sandbox in
            let result = await meshctl(
                "rollback", "--emergency", "--yes", "--state", "/proc/none/meshctl.db")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("/proc/none/meshctl.db"))
            #expect(result.errors.contains("relaxed 2 policies"))
        }
    }

    @Test(
        "a disk that fills up at any moment does not stop it: what is left is done without",
        arguments: [32, 64, 80, 96, 112, 128, 160, 240])
    func diskFills(blocks: Int) async throws {
        try await EmergencyTests.with { meshctl, sandbox in
            let wanted = try EmergencyTests.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            // No file grows beyond so many blocks of 512 bytes: a write fails, and kills nobody.
            let process = try MeshctlProcess.shell(
                "trap '' XFSZ; ulimit -f \(blocks); meshctl rollback --emergency --yes",
                folder: meshctl.folder)
            #expect(try await process.ended() == 0, "\(process.errors)")
            #expect(try sandbox.promised() == wanted)
            // Not even SQLite's index of 32 KiB.
            let isTold = process.errors.contains("The emergency goes on without the state file")
            #expect(isTold || blocks > 32, "\(process.errors)")
        }
    }
}
