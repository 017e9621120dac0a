import Foundation

/// A blocking HTTP/1.1 client over one socket, for looking at bytes.
struct RawClient {
    struct Answer {
        var status: Int
        var head: String
        var body: String
    }

    struct Failure: Error { var text: String }

    private let socket: Int32

    init(port: Int) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
        }
        guard connected == 0 else { throw Failure(text: String(cString: strerror(errno))) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// What comes until `isEnough` says so, or the server closes.
    func read(until isEnough: (String) -> Bool) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(String(decoding: bytes, as: UTF8.self)) {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func start(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json"
    ) {
        write(
            "\(method) \(path) HTTP/1.1\r\nHost: sandbox\r\nAccept: application/json\r\n"
                + "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func send(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json"
    ) throws -> Answer {
        start(method, path, body, type: type)
        let text = read { text in
            guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
            return text[end.upperBound...].utf8.count >= Self.length(text[..<end.lowerBound])
        }
        guard let end = text.firstRange(of: "\r\n\r\n"),
            let status = Int(text.dropFirst(9).prefix(3))
        else { throw Failure(text: text) }
        return Answer(
            status: status, head: String(text[..<end.lowerBound]),
            body: String(text[end.upperBound...]))
    }

    private static func length(_ head: Substring) -> Int {
        for line in head.lowercased().split(separator: "\r\n")
        where line.hasPrefix("content-length:") {
            return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
        }
        return 0
    }

    func close() { _ = Foundation.close(socket) }
}
