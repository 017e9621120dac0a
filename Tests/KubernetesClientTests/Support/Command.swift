import Foundation

/// Runs a tool that a test needs.
enum Command {
    static func run(
        _ path: String, _ arguments: [String], input: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// The tool's path, also where the caller's `PATH` leaves out the system folders.
    static func find(_ name: String) -> String? {
        let listed = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return (listed.map(String.init) + ["/usr/sbin", "/usr/local/sbin"])
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
