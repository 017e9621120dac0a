import Foundation
import Glibc
import Synchronization

/// A plain HTTP/1.1 server on a loopback port of the system's choice, whose behaviour a test writes
/// down to the byte: each connection runs `serve` on a thread of its own.
final class LoopbackServer: Sendable {
    struct StartFailure: Error {}

    let port: Int
    private let listener: Int32
    private let accepted = Mutex(0)

    var url: String { "http://127.0.0.1:\(port)" }
    /// How many connections were opened.
    var connections: Int { accepted.withLock { $0 } }

    init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, raw, &size) == 0
            }
        }
        guard bound else { throw StartFailure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.listener = listener
        Thread.detachNewThread { [weak self] in
            // Closed from elsewhere, it could go on with whatever gets the number next.
            defer { Glibc.close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                self?.accepted.withLock { $0 += 1 }
                Thread.detachNewThread {
                    let connection = Connection(descriptor)
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    deinit { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }

    /// A port on which nobody listens.
    static func closedPort() throws -> Int { try LoopbackServer { _ in }.port }

    static func canConnect(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// One accepted connection. Used by its own thread only.
    final class Connection {
        struct Request {
            var line: String
            var headers: [String: String]
            var body: String
        }

        private var descriptor: Int32
        private var buffer: [UInt8] = []

        fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

        /// The next request; nil when the client has gone.
        func request() -> Request? {
            let separator = Array("\r\n\r\n".utf8)
            while buffer.firstRange(of: separator) == nil { guard receive() else { return nil } }
            guard let end = buffer.firstRange(of: separator) else { return nil }
            let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
                .components(separatedBy: "\r\n")
            buffer.removeSubrange(..<end.upperBound)
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                headers[parts[0].lowercased()] =
                    parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            }
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            while buffer.count < length { guard receive() else { return nil } }
            let body = String(decoding: buffer[..<length], as: UTF8.self)
            buffer.removeSubrange(..<length)
            return Request(line: lines[0], headers: headers, body: body)
        }

        private func receive() -> Bool {
            var piece = [UInt8](repeating: 0, count: 64 * 1024)
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return false }
            buffer += piece[..<count]
            return true
        }

        /// False when the client has gone.
        @discardableResult
        func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }

        func answer(_ status: String = "200 OK", _ body: String, headers: String = "") {
            send(
                "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }

        /// Waits until the client goes away.
        func stall() { while receive() {} }

        func close() {
            guard descriptor >= 0 else { return }
            Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
            Glibc.close(descriptor)
            descriptor = -1
        }

        /// Closes with RST, as a crashed or overloaded peer does.
        func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            Glibc.close(descriptor)
            descriptor = -1
        }
    }
}
