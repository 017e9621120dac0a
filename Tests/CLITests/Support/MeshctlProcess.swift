import Foundation
import ProcessSupport

/// The built program as a process of its own, to be stopped and killed for real.
struct MeshctlProcess {
    private let process: ChildProcess
    private let readErrors: @Sendable () -> String

    /// The binary beside the test bundle.
    static var binary: String? {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let binary = beside.appendingPathComponent("meshctl").path
        return FileManager.default.isExecutableFile(atPath: binary) ? binary : nil
    }

    /// The program was not built beside the tests, or cannot have its files.
    struct Missing: Error {}

    /// Its standard error goes to a file of the folder.
    init(_ arguments: [String], folder: URL) throws {
        guard let binary = Self.binary else { throw Missing() }
        try self.init(binary, arguments, folder: folder)
    }

    /// Its standard input and standard error are a terminal.
    init(_ arguments: [String], folder: URL, terminal: TestTerminal) throws {
        guard let binary = Self.binary else { throw Missing() }
        process = try ChildProcess(
            binary, arguments, environment: Self.environment(folder), folder: folder.path,
            input: terminal.slave, errors: terminal.slave)
        readErrors = { terminal.text }
    }

    /// A shell that runs a script in which `meshctl` is the program, and `$MESHCTL` its path.
    static func shell(_ script: String, folder: URL) throws -> MeshctlProcess {
        guard let binary = Self.binary else { throw Missing() }
        let function = "MESHCTL='\(binary)'\nmeshctl() { \"$MESHCTL\" \"$@\"; }\n"
        return try MeshctlProcess("/bin/sh", ["-c", function + script], folder: folder)
    }

    private init(_ executable: String, _ arguments: [String], folder: URL) throws {
        let file = folder.appendingPathComponent("errors-\(UInt32.random(in: 0 ... .max)).txt")
        let errors = open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard errors >= 0 else { throw Missing() }
        defer { close(errors) }
        process = try ChildProcess(
            executable, arguments, environment: Self.environment(folder), folder: folder.path,
            errors: errors)
        readErrors = { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
    }

    /// A sanitizer's options go on to it: it is built with the same one.
    private static func environment(_ folder: URL) -> [String: String] {
        var environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
        environment["ASAN_OPTIONS"] = ProcessInfo.processInfo.environment["ASAN_OPTIONS"]
        return environment
    }

    var isRunning: Bool { process.isRunning }

    /// What it said on standard error so far.
    var errors: String { readErrors() }

    func kill() { process.kill() }

    func send(_ signal: Int32) { process.send(signal) }

    /// The exit code; 128 and the signal for a process that was killed.
    func ended() async throws -> Int32 { try await process.ended() }
}
