import CLI
import Foundation
import Synchronization
import Testing
import Timing

/// One invocation of meshctl in this process, in a folder of its own.
struct TestCommand {
    struct Result {
        var code: Int32
        var output: String
        var errors: String
    }

    let folder: URL
    var environment: [String: String] = [:]
    var clock: any RunClock = SystemClock()
    /// Called with each text on standard error, before the command goes on.
    var onErrors: @Sendable (String) -> Void = { _ in }
    var randomBits: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    var stop = StopSwitch()
    /// Whether lines that are rewritten are written.
    var errorIsTerminal = false
    /// What the person of the test approves when something is applied.
    var approvals = ["disruptive", "loosens"]

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshctl-tests-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to name: String) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    @discardableResult
    func callAsFunction(_ arguments: String...) async -> Result { await run(arguments) }

    func run(
        _ arguments: [String], interactive: Bool = false,
        answer: @escaping @autoclosure @Sendable () -> String? = nil
    ) async -> Result {
        let output = TextBuffer()
        let errors = HookedBuffer(onErrors)
        let context = CommandContext(
            environment: environment, workingDirectory: folder.path, homeDirectory: folder.path,
            standardOutput: output, standardError: errors, isInteractive: interactive,
            errorIsTerminal: errorIsTerminal, readLine: answer, person: "tester@host", host: "host",
            processID: 1,
            clock: clock, randomBits: randomBits,
            stopRequests: { stop.stream() })
        let isApply = arguments.first == "apply"
        let approved = isApply ? approvals.flatMap { ["--approve", $0] } : []
        let code = await MeshctlMain.run(arguments + approved, context)
        return Result(code: code, output: output.contents, errors: errors.contents)
    }
}

/// Ctrl-C for a command in this process.
final class StopSwitch: Sendable {
    private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        listener.withLock { $0 = continuation }
        return stream
    }

    func press() { listener.withLock { _ = $0?.yield() } }
}

/// Keeps a command's standard error, and tells a listener as it comes.
private final class HookedBuffer: TextSink {
    private let buffer = TextBuffer()
    private let hook: @Sendable (String) -> Void

    init(_ hook: @escaping @Sendable (String) -> Void) { self.hook = hook }

    func write(_ text: String) {
        buffer.write(text)
        hook(text)
    }

    var contents: String { buffer.contents }
}

/// The example plans of the repository.
enum ExamplePlan {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent("plans/\(name).yaml"), encoding: .utf8)
    }
}
