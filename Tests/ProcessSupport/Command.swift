import Foundation

/// Runs a tool that a test needs.
package enum Command {
    /// Runs it to its end; `output` is what it says on both streams.
    package static func run(
        _ path: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let output = try OutputPipe()
        let process = try ChildProcess(
            path, arguments, output: output.writing, errors: output.writing)
        output.closeWriting()
        let text = String(decoding: output.rest(), as: UTF8.self)
        return (process.wait(), text)
    }

    /// The tool's path, also where the caller's `PATH` leaves out the system folders.
    package static func find(_ name: String) -> String? {
        let listed = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return (listed.map(String.init) + ["/usr/sbin", "/usr/local/sbin"])
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// A pipe that no other child inherits.
package final class OutputPipe {
    package struct Failure: Error {}

    private let reading: Int32
    package private(set) var writing: Int32

    package init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        closeWriting()
        close(reading)
    }

    /// Once the child has it: its end is then the end of the pipe.
    package func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// The next piece; empty at the end.
    package func piece() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(reading, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return Array(bytes.prefix(max(0, count)))
        }
    }

    package func rest() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = piece()
            if piece.isEmpty { return all }
            all += piece
        }
    }
}
