import Foundation
import Journal
import Testing
import Timing

/// A state file that cannot be used stops a run before its first write, and stays as it is.
@Suite("An unusable state file")
struct StateFileTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        var name: String
        var says: [String]
        var make: @Sendable (String) throws -> Void

        var testDescription: String { name }
    }

    static let damages = [
        Damage(name: "garbage", says: ["damaged or no"]) { path in
            try Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) })
                .write(to: URL(fileURLWithPath: path))
        },
        Damage(
            name: "a page overwritten",
            says: ["damaged", "It was left as it is", "meshctl state check --move-aside"]
        ) {
            path in
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
            try file.close()
        },
        Damage(name: "of a newer version", says: ["newer meshctl", "Use that version"]) { path in
            try Self.patch(path, at: 60, [0, 0, 0x03, 0xE7])
        },
        Damage(name: "of another program", says: ["another program", "--state"]) { path in
            try Self.patch(path, at: 68, [0x12, 0x34, 0x56, 0x78])
        },
    ]

    @Test(
        "is told by every command that reads it, and left as it is", arguments: damages)
    func damaged(_ damage: Damage) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let first = await meshctl("apply", "--stage", "enroll", "--yes")
            #expect(first.code == 0, "\(first.errors)")
            let file = meshctl.path("state/meshctl.db")
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: file + suffix)
            }
            try damage.make(file)
            let (bytes, objects) = (try meshctl.bytes("state/meshctl.db"), try sandbox.objects())
            for command in [
                ["plan"], ["apply", "--yes"], ["rollback", "--yes"], ["history"], ["show", "x"],
                ["status"], ["check"], ["observe", "--for", "1s", "--every", "1s"],
                ["state", "list"], ["state", "show", "ns/shop"], ["state", "export"],
                ["state", "import", "plans/plan.yaml"],
            ] {
                let result = await meshctl.run(command)
                #expect(result.code == 1, "\(command): \(result.errors)")
                #expect(result.errors.contains("state/meshctl.db"), "\(result.errors)")
                if damage.name != "garbage" {
                    for words in damage.says {
                        #expect(result.errors.contains(words), "\(command): \(result.errors)")
                    }
                }
            }
            #expect(try meshctl.bytes("state/meshctl.db") == bytes)
            #expect(try sandbox.objects() == objects)
        }
    }

    @Test("one that is locked stops with 6 and says who holds it")
    func locked() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let objects = try sandbox.objects()
            let lock = try StateLock.acquire(
                statePath: meshctl.path("state/meshctl.db"),
                as: StateLock.Holder(
                    pid: 4711, host: "laptop", command: "apply",
                    since: Timestamp(milliseconds: 1_763_629_200_000)))
            for command in ["apply", "rollback"] {
                let result = await meshctl(command, "--yes")
                #expect(result.code == 6, "\(result.errors)")
                for words in ["meshctl apply", "4711", "laptop", "2025-11-20T09:00:00Z"] {
                    #expect(result.errors.contains(words), "\(result.errors)")
                }
            }
            // Looking needs no lock.
            #expect(await meshctl("plan").code == 0)
            #expect(await meshctl("history").code == 0)
            #expect(try sandbox.objects() == objects)
            lock.release()
            #expect(await meshctl("apply", "--yes").code == 0)
        }
    }

    @Test(
        "a place where no state file can be made is told",
        arguments: ["plans/plan.yaml/meshctl.db", "/proc/none/meshctl.db", "plans"])
    func noPlace(path: String) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let objects = try sandbox.objects()
            let result = await meshctl("apply", "--yes", "--state", path)
            #expect(result.code == 1, "\(result.errors)")
            #expect(result.errors.contains(path), "\(result.errors)")
            #expect(!result.errors.contains("Error Domain"), "\(result.errors)")
            #expect(try sandbox.objects() == objects)
        }
    }

    @Test("the state file is its owner's alone")
    func modes() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            #expect(await meshctl("apply", "--yes").code == 0)
            let mode = try FileMode.of(meshctl.path("state/meshctl.db"))
            #expect(mode == 0o600)
        }
    }

    private static func patch(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}

enum FileMode {
    static func of(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
