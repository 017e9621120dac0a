import Foundation
import Synchronization

/// A TCP relay in front of a server, which may change what the server says, byte for byte.
final class RelayServer: Sendable {
    let port: Int
    private let listener: Int32
    private let target: Int
    private let change: @Sendable ([UInt8]) -> [UInt8]

    /// - Parameter change: gets each piece that the server sends; what it returns must be as long, since
    ///   the answer's head has told the length.
    init(to target: Int, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]) throws {
        self.target = target
        self.change = change
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw BlockingHTTP.Failure(text: String(cString: strerror(errno))) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let relay = self
        Thread.detachNewThread { [listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                relay.serve(client)
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        guard let server = try? BlockingHTTP.connect(target) else {
            close(client)
            return
        }
        let ends = Ends(client: client, server: server)
        Thread.detachNewThread { Self.pump(client, server, ends) { $0 } }
        Thread.detachNewThread { [change] in Self.pump(server, client, ends, change) }
    }

    /// The two sockets of one connection, closed when both directions have ended.
    private final class Ends: Sendable {
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
        _ from: Int32, _ to: Int32, _ ends: Ends, _ change: ([UInt8]) -> [UInt8]
    ) {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            BlockingHTTP.write(change(Array(buffer[..<count])), to: to)
        }
        ends.oneEnded()
    }
}
