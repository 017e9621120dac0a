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

    init(_ arguments: [String], folder: URL) throws {
        let binary = Self.binary
        process.executableURL = try #require(binary)
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
