import Foundation

/// A file that only its owner may read, written whole.
enum PrivateFile {
    /// - Parameters:
    ///   - name: as the user gave it, for the error.
    ///   - path: where that is.
    static func write(_ text: String, to path: String, named name: String) throws {
        try write(to: path, named: name) { write in try write(text) }
    }

    /// For a text that is long, and comes piece by piece.
    static func write(
        to path: String, named name: String, _ body: ((String) throws -> Void) throws -> Void
    ) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(name) }
        defer { close(descriptor) }
        var status = stat()
        // What was there before may be open to all, and longer. A pipe or a terminal is neither.
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0 else {
                throw failure(name)
            }
        }
        try body { text in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes {
                    Foundation.write(descriptor, $0.baseAddress, $0.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure(name) }
                bytes = bytes.dropFirst(count)
            }
        }
    }

    private static func failure(_ name: String) -> CommandFailure {
        CommandFailure(.failure, "cannot write \(name): \(String(cString: strerror(errno)))")
    }
}
