import Glibc

/// Reads whole files, pipes included, without trusting their size.
enum FileContents {
    struct Failure: Error {
        /// In the system's words, such as "No such file or directory".
        var reason: String
        var isMissing = false
    }

    /// Larger than any kubeconfig, certificate bundle or token.
    private static let maximumBytes = 16 << 20

    /// Opens the file once and reads it to its end, so that a pipe works as well.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastFailure() }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return contents }
            if count < 0 {
                if errno == EINTR { continue }
                throw lastFailure()
            }
            contents.append(contentsOf: piece[..<count])
            guard contents.count <= maximumBytes else {
                throw Failure(reason: "it is larger than \(maximumBytes >> 20) MiB")
            }
        }
    }

    private static func lastFailure() -> Failure {
        let code = errno
        return Failure(reason: String(cString: strerror(code)), isMissing: code == ENOENT)
    }
}
