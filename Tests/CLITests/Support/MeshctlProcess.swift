import Foundation
import Testing

/// The built program as a process of its own, to be killed for real.
struct MeshctlProcess {
    let process = Process()

    /// The binary beside the test bundle.
    static var binary: URL? {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let binary = beside.appendingPathComponent("meshctl")
        return FileManager.default.isExecutableFile(atPath: binary.path) ? binary : nil
    }

    /// The program was not built beside the tests.
    struct Missing: Error {}

    init(_ arguments: [String], folder: URL) throws {
        guard let binary = Self.binary else { throw Missing() }
        process.executableURL = binary
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
