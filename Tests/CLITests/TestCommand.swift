import CLI
import Foundation
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
    var answers: [String] = []
    var environment: [String: String] = [:]

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

    @discardableResult
    func callAsFunction(_ arguments: String...) async -> Result { await run(arguments) }

    func run(_ arguments: [String], interactive: Bool = false, answer: String? = nil) async -> Result {
        let output = TextBuffer()
        let errors = TextBuffer()
        let context = CommandContext(
            environment: environment, workingDirectory: folder.path, homeDirectory: folder.path,
            standardOutput: output, standardError: errors, isInteractive: interactive,
            readLine: { answer }, person: "tester@host", host: "host", processID: 1,
            clock: SystemClock(), randomBits: { UInt64.random(in: .min ... .max) },
            stopRequests: { AsyncStream { _ in } })
        let code = await MeshctlMain.run(arguments, context)
        return Result(code: code, output: output.contents, errors: errors.contents)
    }
}

/// The example plans of the repository.
enum ExamplePlan {
    static func text(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.appendingPathComponent("plans/\(name).yaml"), encoding: .utf8)
    }
}
