import Foundation
import Synchronization

/// A TCP relay in front of an HTTP/1.1 server, which sees each request and may change or lose the answer.
final class RelayServer: Sendable {
    struct Hooks: Sendable {
        /// Gets a request's first line before the server does; false drops the connection instead.
        var request: @Sendable (String) -> Bool = { _ in true }
        /// Gets a request's first line and a piece of its answer before the client does; nil drops the
        /// connection. What is returned must be as long: the answer's head has told the length.
        var answer: @Sendable (String, [UInt8]) -> [UInt8]? = { $1 }
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let hooks: Hooks

    init(to target: Int, _ hooks: Hooks = Hooks()) throws {
        self.target = target
        self.hooks = hooks
        (listener, port) = try BlockingHTTP.listen()
        BlockingHTTP.accept(listener, serve)
    }

    /// To be called once.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        guard let server = try? BlockingHTTP.connect(target) else {
            close(client)
            return
        }
        let connection = Connection(client: client, server: server)
        Thread.detachNewThread { [hooks] in
            Self.pump(client, server, connection) { bytes in
                guard let line = Self.requestLine(bytes) else { return bytes }
                connection.line.withLock { $0 = line }
                return hooks.request(line) ? bytes : nil
            }
        }
        Thread.detachNewThread { [hooks] in
            Self.pump(server, client, connection) { bytes in
                hooks.answer(connection.line.withLock(\.self), bytes)
            }
        }
    }

    /// `METHOD PATH`; nil for what goes on with a request that began before.
    private static func requestLine(_ bytes: [UInt8]) -> String? {
        let words = bytes.prefix { $0 != 0x0D }.split(separator: 0x20)
        guard words.count == 3, words[2].starts(with: "HTTP/".utf8) else { return nil }
        return String(decoding: words[0], as: UTF8.self) + " "
            + String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// The two sockets of one connection, closed when both directions have ended.
    private final class Connection: Sendable {
        let line = Mutex("")
        private let client: Int32
        private let server: Int32
        private let open = Mutex(2)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func oneEnded() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            let rest = open.withLock { open in
                open -= 1
                return open
            }
            guard rest == 0 else { return }
            close(client)
            close(server)
        }
    }

    private static func pump(
        _ from: Int32, _ to: Int32, _ connection: Connection, _ change: ([UInt8]) -> [UInt8]?
    ) {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0, let bytes = change(Array(buffer[..<count])) else { break }
            BlockingHTTP.write(bytes, to: to)
        }
        connection.oneEnded()
    }
}
