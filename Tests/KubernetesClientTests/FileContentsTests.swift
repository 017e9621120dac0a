import Foundation
import KubernetesClient
import Testing

@Suite("Reading whole files")
struct FileContentsTests {
    @Test("a device without an end is refused at the bound", arguments: [1 << 20, 16 << 20])
    func endless(maximumBytes: Int) {
        #expect(throws: FileContents.Failure.self) {
            try FileContents.read("/dev/zero", maximumBytes: maximumBytes)
        }
    }

    @Test("a pipe into which somebody writes for ever is refused at the bound")
    func endlessPipe() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appendingPathComponent("plan.yaml").path
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "exec yes > \"$0\" 2>/dev/null", pipe]
        try writer.run()
        // It ends by itself: nobody reads any more.
        defer { writer.waitUntilExit() }
        do {
            _ = try FileContents.read(pipe, maximumBytes: 1 << 20)
            Issue.record("it was read to an end")
        } catch {
            #expect(error.reason == "it is larger than 1 MiB")
        }
    }

    @Test("a file of the largest size is read")
    func largest() throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("file-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(repeating: 0x61, count: 1 << 20).write(to: file)
        #expect(try FileContents.read(file.path, maximumBytes: 1 << 20).count == 1 << 20)
        #expect(throws: FileContents.Failure.self) {
            try FileContents.read(file.path, maximumBytes: (1 << 20) - 1)
        }
    }
}
