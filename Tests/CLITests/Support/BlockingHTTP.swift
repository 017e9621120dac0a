import Foundation
import JSON

/// One HTTP request over a socket of its own, which blocks: what somebody else does to the cluster, at
/// exactly the moment that the test chooses.
struct BlockingHTTP: Sendable {
    struct Failure: Error { var text: String }

    struct Answer {
        var status: Int
        var body: JSONValue
    }

    let port: Int

    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil,
        type: String = "application/json"
    ) throws -> Answer {
        let (status, text) = try exchange(method, path, body?.canonicalBytes ?? [], type)
        return Answer(status: status, body: try JSONValue(parsing: Array(text.utf8)))
    }

    /// What is no JSON, such as a page of metrics.
    func page(_ path: String) throws -> String { try exchange("GET", path, [], "text/plain").1 }

    private func exchange(
        _ method: String, _ path: String, _ bytes: [UInt8], _ type: String
    ) throws -> (Int, String) {
        let socket = try Self.connect(port)
        defer { close(socket) }
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + "Content-Type: \(type)\r\nContent-Length: \(bytes.count)\r\n\r\n"
        Self.write(Array(head.utf8) + bytes, to: socket)
        return try Self.answer(Self.readAll(socket))
    }

    static func connect(_ port: Int) throws -> Int32 {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(socket, $0, size)
            }
        }
        guard connected == 0 else { throw Failure(text: String(cString: strerror(errno))) }
        return socket
    }

    /// A listening socket on a loopback port of its own.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && Foundation.listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw Failure(text: String(cString: strerror(errno))) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Gives each connection to `serve`, on a thread of its own, until the listener is shut down. That thread alone
    /// closes the listener: closed from elsewhere, it could go on with whatever gets the number next.
    static func accept(_ listener: Int32, _ serve: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread {
            defer { close(listener) }
            while true {
                let client = Foundation.accept(listener, nil, nil)
                guard client >= 0 else { return }
                serve(client)
            }
        }
    }

    static func write(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func readAll(_ socket: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func answer(_ bytes: [UInt8]) throws -> (Int, String) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"),
            let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw Failure(text: "no HTTP answer: \(text)") }
        return (status, String(text[end.upperBound...]))
    }
}
