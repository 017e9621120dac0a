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

    @Test("one that fails in mid-run is done without from there on")
    func stateFailsMeanwhile() async throws {
        try await EmergencyTests.with { meshctl, sandbox in
            let wanted = try EmergencyTests.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            let file = meshctl.path("state/meshctl.db")
            meshctl.onErrors = { text in
                guard text.contains("[1/2] update") else { return }
                // What a broken disk leaves of it: nothing can be read or written any more.
                try? Data(repeating: 0xA5, count: 65536).write(to: URL(fileURLWithPath: file))
                for suffix in ["-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: file + suffix)
                }
            }
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(try sandbox.promised() == wanted)
        }
    }
}
