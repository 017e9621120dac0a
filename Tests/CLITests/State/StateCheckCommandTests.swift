import Foundation
import JSON
import Journal
import Testing
import Timing

/// `meshctl state check`, and what becomes of a damaged file.
@Suite("meshctl state check")
struct StateCheckCommandTests {
    private func applied(_ body: (TestCommand, String) async throws -> Void) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            #expect(await meshctl("apply", "--stage", "enroll", "--yes").code == 0)
            try await body(meshctl, meshctl.path("state/meshctl.db"))
        }
    }

    /// What SQLite keeps beside a file that nobody has open.
    private func removeLogs(_ file: String) {
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file + suffix)
        }
    }

    private func damage(_ file: String) throws {
        removeLogs(file)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try handle.close()
    }

    @Test("passes a sound file, says who works on it, and moves nothing")
    func sound() async throws {
        try await applied { meshctl, file in
            let check = await meshctl("state", "check")
            #expect(check.code == 0, "\(check.errors)")
            #expect(check.output.contains("is sound") && check.output.contains("Locked by nobody."))
            #expect(!check.output.contains("fail"))
            let lock = try StateLock.acquire(
                statePath: file,
                as: StateLock.Holder(
                    pid: 4711, host: "laptop", command: "apply",
                    since: Timestamp(milliseconds: 1_763_629_200_000)))
            let locked = await meshctl("state", "check", "-o", "json")
            #expect(locked.code == 0)
            let report = try JSONValue(parsing: Array(locked.output.utf8))
            #expect(report["passed"] == true)
            #expect(report["lockedBy"]?.string?.contains("4711") == true)
            #expect(await meshctl("state", "check", "--move-aside", "--yes").code == 6)
            lock.release()
            #expect(await meshctl("state", "check", "--move-aside", "--yes").code == 0)
            #expect(meshctl.exists("state/meshctl.db"))
        }
    }

    @Test("says what is wrong with a damaged file, and moves it aside only when asked and told so")
    func damaged() async throws {
        try await applied { meshctl, file in
            try damage(file)
            let bytes = try meshctl.bytes("state/meshctl.db")
            let check = await meshctl("state", "check")
            #expect(check.code == 1)
            for words in ["fail", "integrity", "is damaged", "--move-aside"] {
                #expect(check.output.contains(words), "\(check.output)")
            }
            #expect(await meshctl("state", "check", "--move-aside").code == 64)
            let no = await meshctl.run(
                ["state", "check", "--move-aside"], interactive: true, answer: "y")
            #expect(no.code == 1)
            #expect(no.errors.contains("damaged-") && no.errors.contains("cancelled"))
            #expect(try meshctl.bytes("state/meshctl.db") == bytes)

            let moved = await meshctl("state", "check", "--move-aside", "--yes")
            #expect(moved.code == 0, "\(moved.errors)")
            #expect(!meshctl.exists("state/meshctl.db"))
            let names = try FileManager.default.contentsOfDirectory(
                atPath: meshctl.path("state")
            ).filter {
                $0.hasPrefix("meshctl.db.damaged-") && !$0.hasSuffix("-wal")
                    && !$0.hasSuffix("-shm")
            }
            #expect(names.count == 1)
            #expect(try meshctl.bytes("state/\(names[0])") == bytes)
            #expect(await meshctl("history").output.contains("No runs yet."))
        }
    }

    @Test("fails for a missing, a newer and another program's file, and never moves them")
    func notDamaged() async throws {
        try await applied { meshctl, file in
            let missing = await meshctl("state", "check", "--state", "nowhere.db")
            #expect(missing.code == 1)
            #expect(missing.output.contains("there is none"))
            for (offset, value) in [(60, [0, 0, 3, 0xE7]), (68, [1, 2, 3, 4])]
                as [(UInt64, [UInt8])]
            {
                removeLogs(file)
                let before = try meshctl.bytes("state/meshctl.db")
                let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
                try handle.seek(toOffset: offset)
                try handle.write(contentsOf: Data(value))
                try handle.close()
                let patched = try meshctl.bytes("state/meshctl.db")
                let check = await meshctl("state", "check", "--move-aside", "--yes")
                #expect(check.code == 1)
                #expect(!check.output.contains("damaged"), "\(check.output)")
                #expect(try meshctl.bytes("state/meshctl.db") == patched)
                try before.write(to: URL(fileURLWithPath: file))
            }
        }
    }
}
