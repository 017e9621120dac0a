import Foundation
import ProcessSupport

/// The built program as a process of its own, to be killed for real.
struct MeshctlProcess {
    private let process: ChildProcess

    /// The binary beside the test bundle.
    static var binary: String? {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let binary = beside.appendingPathComponent("meshctl").path
        return FileManager.default.isExecutableFile(atPath: binary) ? binary : nil
    }

    /// The program was not built beside the tests.
    struct Missing: Error {}

    init(_ arguments: [String], folder: URL) throws {
        guard let binary = Self.binary else { throw Missing() }
        process = try ChildProcess(
            binary, arguments, environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin"],
            folder: folder.path)
    }

    var isRunning: Bool { process.isRunning }

    func kill() { process.kill() }

    /// The exit code; 128 and the signal for a process that was killed.
    func ended() async throws -> Int32 { try await process.ended() }
}
