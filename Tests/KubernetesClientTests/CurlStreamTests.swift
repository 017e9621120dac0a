import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("Streams and the end of the transport", .timeLimit(.minutes(60)))
struct CurlStreamTests {
    /// What a stream delivered.
    final class Seen: Sendable {
        private let state = Mutex((code: 0, text: ""))
        var code: Int { state.withLock(\.code) }
        var text: String { state.withLock(\.text) }
        func note(_ head: HTTPResponse) { state.withLock { $0.code = head.status.code } }
        func note(_ chunk: [UInt8]) {
            state.withLock { $0.text += String(decoding: chunk, as: UTF8.self) }
        }
    }

    func stream(
        _ transport: CurlTransport, _ url: String, idle: Duration = .zero,
        until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> (Seen, TransportError?) {
        let seen = Seen()
        let request = try HTTPRequest.to(url)
        do throws(TransportError) {
            try await transport.stream(request, idleTimeout: idle, onHead: { seen.note($0) }) {
                seen.note($0)
                return !isEnough(seen.text)
            }
            return (seen, nil)
        } catch {
            return (seen, error)
        }
    }

    func head(_ connection: LoopbackServer.Connection) {
        _ = connection.request()
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @Test("pieces arrive before the end, and the end ends the stream")
    func pieces() async throws {
        let transport = try CurlTransport()
        let server = try LoopbackServer { connection in
            head(connection)
            for word in ["one\n", "two\n"] {
                connection.send("4\r\n\(word)\r\n")
                usleep(20_000)
            }
            connection.send("0\r\n\r\n")
        }
        let (seen, error) = try await stream(transport, server.url)
        #expect(error == nil)
        #expect(seen.code == 200)
        #expect(seen.text == "one\ntwo\n")
    }

    @Test("the consumer can end a stream that would go on for ever")
    func consumerStops() async throws {
        let transport = try CurlTransport()
        let server = try LoopbackServer { connection in
            head(connection)
            while connection.send("1\r\nx\r\n") { usleep(1000) }
        }
        let (seen, error) = try await stream(transport, server.url) { $0.count >= 3 }
        #expect(error == nil)
        #expect(seen.text.hasPrefix("xxx"))
    }

    @Test("a reset in the stream is told")
    func reset() async throws {
        let transport = try CurlTransport()
        let server = try LoopbackServer { connection in
            head(connection)
            connection.send("1\r\nx\r\n")
            usleep(50_000)
            connection.reset()
        }
        let (seen, error) = try await stream(transport, server.url)
        #expect(error?.kind == .reset)
        #expect(seen.text == "x")
    }

    @Test("a stream that is silent for longer than allowed times out")
    func idle() async throws {
        let transport = try CurlTransport()
        let server = try LoopbackServer { connection in
            head(connection)
            connection.stall()
        }
        let (_, error) = try await stream(transport, server.url, idle: .seconds(1))
        #expect(error?.kind == .timeout)
    }

    @Test("cancelling ends a stream")
    func cancelled() async throws {
        let transport = try CurlTransport()
        let arrived = Counter()
        let server = try LoopbackServer { connection in
            head(connection)
            arrived.increment()
            connection.stall()
        }
        let url = server.url
        let task = Task { try await stream(transport, url).1 }
        while arrived.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(try await task.value?.kind == .cancelled)
    }

    @Test("a shut down transport fails what is in flight and refuses the rest")
    func shutdown() async throws {
        let transport = try CurlTransport()
        let arrived = Counter()
        let server = try LoopbackServer { connection in
            _ = connection.request()
            arrived.increment()
            connection.stall()
        }
        let request = try HTTPRequest.to(server.url, "/", .post)
        async let inFlight = transport.failure(request, body: [1], timeout: .seconds(30))
        while arrived.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        transport.shutdown()
        let first = await inFlight
        #expect(first?.kind == .cancelled)
        #expect(first?.mayHaveReachedServer == true)
        let second = await transport.failure(request)
        #expect(second?.kind == .cancelled)
        #expect(second?.mayHaveReachedServer == false)
    }

    @Test("the thread ends with the last reference to the transport")
    func threadEnds() async throws {
        let server = try LoopbackServer { connection in
            while connection.request() != nil { connection.answer("200 OK", "x") }
        }
        weak var loop: CurlLoop?
        do {
            let transport = try CurlTransport()
            loop = transport.loop
            _ = try await transport.text(HTTPRequest.to(server.url))
            #expect(loop != nil)
        }
        // The thread holds the loop until its very end.
        for _ in 0..<400 where loop != nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(loop == nil)
    }
}
