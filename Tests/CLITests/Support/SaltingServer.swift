import Foundation
import JSON
import Synchronization

/// An HTTP/1.1 server in front of another, which sees each request and changes each answer as it likes: what a
/// hostile or broken API server may do.
final class SaltingServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// Without its query.
        var path: String
        var head: String
    }

    struct Answer: Sendable {
        var status: Int
        var type: String
        var body: [UInt8]
    }

    typealias Salt = @Sendable (Request, Answer) -> Answer

    let port: Int
    private let listener: Int32
    private let target: Int
    private let salt: Salt
    private let seen = Mutex<[Request]>([])

    init(to target: Int, _ salt: @escaping Salt = { $1 }) throws {
        self.target = target
        self.salt = salt
        (listener, port) = try BlockingHTTP.listen()
        BlockingHTTP.accept(listener) { client in
            Thread.detachNewThread { self.serve(client) }
        }
    }

    /// To be called once.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    var requests: [Request] { seen.withLock(\.self) }

    /// One request and its answer; then the connection ends.
    private func serve(_ client: Int32) {
        defer { close(client) }
        guard let (request, bytes) = Self.read(client) else { return }
        seen.withLock { $0.append(request) }
        guard let server = try? BlockingHTTP.connect(target) else { return }
        defer { close(server) }
        BlockingHTTP.write(bytes, to: server)
        guard let answer = Self.answer(BlockingHTTP.readAll(server)) else { return }
        let salted = salt(request, answer)
        let head =
            "HTTP/1.1 \(salted.status) X\r\nContent-Type: \(salted.type)\r\n"
            + "Content-Length: \(salted.body.count)\r\nConnection: close\r\n\r\n"
        BlockingHTTP.write(Array(head.utf8) + salted.body, to: client)
    }

    private static func read(_ client: Int32) -> (Request, [UInt8])? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = endOfHead(bytes) {
                let head = String(decoding: bytes[..<end], as: UTF8.self)
                let length = field("content-length", of: head).flatMap { Int($0) } ?? 0
                let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
                guard words.count == 3 else { return nil }
                if bytes.count >= end + 4 + length {
                    let request = Request(
                        method: String(words[0]), path: String(words[1].prefix { $0 != "?" }),
                        head: head)
                    let closing = Array((head + "\r\nConnection: close\r\n\r\n").utf8)
                    return (request, closing + bytes[(end + 4)...])
                }
            }
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func answer(_ bytes: [UInt8]) -> Answer? {
        guard let end = endOfHead(bytes) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return Answer(
            status: status, type: field("content-type", of: head) ?? "application/json",
            body: Array(bytes[(end + 4)...]))
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound
    }

    private static func field(_ name: String, of head: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
