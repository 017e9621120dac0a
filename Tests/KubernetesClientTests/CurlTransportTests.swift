import Foundation
import ProcessSupport
import HTTPTypes
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("HTTP through libcurl", .timeLimit(.minutes(60)))
struct CurlTransportTests {
    let transport: CurlTransport

    init() throws { transport = try CurlTransport() }

    @Test("a response comes with status, headers and body; requests share a connection")
    func keepAlive() async throws {
        let server = try LoopbackServer { connection in
            while let request = connection.request() {
                connection.answer(
                    "201 Created", "\(request.line)|\(request.body)", headers: "X-A: b\r\n")
            }
        }
        for number in 1...3 {
            var request = try HTTPRequest.to(server.url, "/a%20b?c=%2F&n=\(number)", .post)
            request.headerFields[.accept] = "application/json"
            let response = try await transport.send(
                request, body: Array("body \(number)".utf8), timeout: .seconds(10))
            #expect(response.head.status.code == 201)
            #expect(response.head.headerFields[try #require(HTTPField.Name("X-A"))] == "b")
            #expect(
                String(decoding: response.body, as: UTF8.self)
                    == "POST /a%20b?c=%2F&n=\(number) HTTP/1.1|body \(number)")
        }
        #expect(server.connections == 1)
    }

    @Test("each method arrives as itself", arguments: ["GET", "PUT", "PATCH", "DELETE", "POST"])
    func methods(name: String) async throws {
        let server = try LoopbackServer { connection in
            while let request = connection.request() {
                connection.answer(
                    "200 OK",
                    "\(request.line) \(request.body) \(request.headers["expect"] ?? "none")")
            }
        }
        let method = try #require(HTTPRequest.Method(name))
        let body = name == "GET" ? nil : Array("x".utf8)
        let answer = try await transport.text(
            HTTPRequest.to(server.url, "/../p//q", method), body: body)
        #expect(answer == "\(name) /../p//q HTTP/1.1 \(body == nil ? "" : "x") none")
    }

    @Test("headers are sent as given, an empty one included")
    func headers() async throws {
        let server = try LoopbackServer { connection in
            guard let request = connection.request() else { return }
            let kept = ["authorization", "x-empty", "host"].map { request.headers[$0] ?? "none" }
            connection.answer("200 OK", kept.joined(separator: "|"))
        }
        var request = try HTTPRequest.to(server.url)
        request.headerFields[.authorization] = "Bearer t"
        request.headerFields[try #require(HTTPField.Name("X-Empty"))] = ""
        #expect(try await transport.text(request) == "Bearer t||127.0.0.1:\(server.port)")
    }

    @Test("a chunked body is put together, and a 100 Continue before it is not the answer")
    func chunked() async throws {
        let server = try LoopbackServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.send("3\r\nabc\r\n")
            connection.send("2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n")
        }
        let response = try await transport.send(
            HTTPRequest.to(server.url), body: nil, timeout: .seconds(10))
        #expect(response.head.status.code == 200)
        #expect(response.body == Array("abcde".utf8))
    }

    @Test("a refused connection never reached the server")
    func refused() async throws {
        let request = try HTTPRequest.to("http://127.0.0.1:\(try LoopbackServer.closedPort())")
        let error = await transport.failure(request)
        #expect(error?.kind == .refused)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.message.isEmpty == false)
    }

    @Test("a name without an address is told as such")
    func unresolved() async throws {
        let error = await transport.failure(try HTTPRequest.to("http://no-such-host.invalid"))
        #expect(error?.kind == .resolve)
        #expect(error?.mayHaveReachedServer == false)
    }

    @Test("a reset before the answer leaves open what the server did")
    func resetBeforeAnswer() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.reset()
        }
        let error = await transport.failure(
            try HTTPRequest.to(server.url, "/", .post), body: [1])
        #expect(error?.kind == .reset)
        #expect(error?.mayHaveReachedServer == true)
    }

    @Test("a reset in the middle of the body")
    func resetInBody() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            usleep(50_000)
            connection.reset()
        }
        let error = await transport.failure(try HTTPRequest.to(server.url))
        #expect(error?.kind == .reset)
        #expect(error?.mayHaveReachedServer == true)
    }

    @Test(
        "a body that ends too early is truncated",
        arguments: ["Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n9\r\nabc"])
    func truncated(rest: String) async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\n\(rest)")
        }
        let error = await transport.failure(try HTTPRequest.to(server.url))
        #expect(error?.kind == .truncated, "\(String(describing: error))")
        #expect(error?.mayHaveReachedServer == true)
    }

    @Test(
        "a server that speaks no HTTP, or cuts its head short, gives an error",
        arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "", "HTTP/1.1 200", "HTTP/1.1 99999 X\r\n\r\n"])
    func noHTTP(answer: String) async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send(answer)
        }
        let error = await transport.failure(try HTTPRequest.to(server.url))
        #expect(error?.mayHaveReachedServer == true, "\(String(describing: error))")
    }

    @Test("silence after the request is a timeout that may have reached the server")
    func timeout() async throws {
        let server = try LoopbackServer { $0.stall() }
        let error = await transport.failure(
            try HTTPRequest.to(server.url, "/", .post), body: [1], timeout: .milliseconds(200))
        #expect(error?.kind == .timeout)
        #expect(error?.mayHaveReachedServer == true)
    }

    @Test("a larger response than allowed is refused, and the transport goes on")
    func tooLarge() async throws {
        let small = try CurlTransport(.init(maximumResponseBytes: 100_000))
        let server = try LoopbackServer { connection in
            while let request = connection.request() {
                if request.line.contains("/small") {
                    connection.answer("200 OK", "fine")
                    continue
                }
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
                while connection.send(chunk) {}
                return
            }
        }
        let error = await small.failure(try HTTPRequest.to(server.url, "/endless"))
        #expect(error?.kind == .tooLarge)
        #expect(error?.message == "the response is larger than 100000 bytes")
        #expect(try await small.text(HTTPRequest.to(server.url, "/small")) == "fine")
    }

    @Test("endless headers are refused")
    func endlessHeaders() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Y: " + String(repeating: "z", count: 1000) + "\r\n") {}
        }
        let error = await transport.failure(try HTTPRequest.to(server.url))
        #expect(error?.kind == .tooLarge)
    }

    @Test("a decompressed response is bounded, not only its compressed bytes")
    func compressionBomb() async throws {
        // gzip of 10 MiB of zeros is about 10 KiB.
        let folder = try TemporaryFolder()
        let made = try Command.run(
            "/bin/sh", ["-c", "head -c 10485760 /dev/zero | gzip -9 > '\(folder.path)/bomb'"])
        try #require(made.status == 0)
        let bomb = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/bomb")))
        let server = try LoopbackServer { connection in
            guard let request = connection.request() else { return }
            guard request.headers["accept-encoding"] == "gzip" else { return }
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n"
            )
            connection.send(bomb)
        }
        let request = try HTTPRequest.to(server.url)
        let bounded = try CurlTransport(.init(maximumResponseBytes: 1 << 20, compresses: true))
        #expect(await bounded.failure(request)?.kind == .tooLarge)
        let open = try CurlTransport(.init(compresses: true))
        let response = try await open.send(request, body: nil, timeout: .seconds(20))
        #expect(response.body.count == 10 << 20)
    }

    /// Answers the first request of a connection and drops the second without a word.
    private func forgetful(_ received: Counter) throws -> LoopbackServer {
        try LoopbackServer { connection in
            guard connection.request() != nil else { return }
            received.increment()
            connection.answer("200 OK", "first")
            guard connection.request() != nil else { return }
            received.increment()
        }
    }

    @Test("a write on a kept connection that dies is not sent twice")
    func noSecondWrite() async throws {
        let received = Counter()
        let server = try forgetful(received)
        let request = try HTTPRequest.to(server.url, "/", .post)
        _ = try await transport.text(request, body: [1])
        let error = await transport.failure(request, body: [1])
        #expect(error?.kind == .reset)
        #expect(error?.mayHaveReachedServer == true)
        #expect(received.value == 2)
    }

    @Test("a read on a kept connection that dies is sent again on a new one")
    func secondRead() async throws {
        let received = Counter()
        let server = try forgetful(received)
        let request = try HTTPRequest.to(server.url)
        _ = try await transport.text(request)
        #expect(try await transport.text(request) == "first")
        #expect(received.value == 3)
        #expect(server.connections == 2)
    }

    @Test("cancelling a read ends it at once")
    func cancelledRead() async throws {
        let arrived = Counter()
        let server = try LoopbackServer { connection in
            _ = connection.request()
            arrived.increment()
            connection.stall()
        }
        let request = try HTTPRequest.to(server.url)
        let task = Task { await transport.failure(request, timeout: .seconds(30)) }
        while arrived.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
    }

    @Test("a read whose task is cancelled already is not waited for")
    func cancelledBefore() async throws {
        let server = try LoopbackServer { $0.stall() }
        let request = try HTTPRequest.to(server.url)
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await transport.failure(request, timeout: .seconds(30))
        }.value
        #expect(error?.kind == .cancelled)
    }

    @Test("cancelling does not touch a write in flight")
    func cancelledWrite() async throws {
        let arrived = Counter()
        let goesOn = Counter()
        let server = try LoopbackServer { connection in
            _ = connection.request()
            arrived.increment()
            while goesOn.value == 0 { usleep(1000) }
            connection.answer("200 OK", "done")
        }
        let request = try HTTPRequest.to(server.url, "/", .patch)
        let task = Task { try await transport.text(request, body: [1]) }
        while arrived.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        goesOn.increment()
        #expect(try await task.value == "done")
    }

    @Test("many requests at once are all answered, over a bounded number of connections")
    func concurrent() async throws {
        let limited = try CurlTransport(.init(maximumConnections: 4))
        let server = try LoopbackServer { connection in
            while let request = connection.request() { connection.answer("200 OK", request.body) }
        }
        let url = server.url
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let body = Array("\(number)".utf8)
                    let answer = try await limited.send(
                        HTTPRequest.to(url, "/", .post), body: body, timeout: .seconds(20))
                    return answer.body == body
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(server.connections <= 4)
    }

    @Test("a request that names no server is refused")
    func noServer() async {
        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let error = await transport.failure(request)
        #expect(error?.mayHaveReachedServer == false)
    }

    @Test("a proxy carries the request, and hosts among its exceptions go past it")
    func proxy() async throws {
        let proxy = try LoopbackServer { connection in
            while let request = connection.request() {
                connection.answer("200 OK", "proxied \(request.line)")
            }
        }
        let options = CurlTransport.Options(
            proxy: ProxySettings(url: Secret(proxy.url), exceptions: "direct.invalid"))
        let proxied = try CurlTransport(options)
        let answer = try await proxied.text(HTTPRequest.to("http://api.invalid", "/x"))
        #expect(answer == "proxied GET http://api.invalid/x HTTP/1.1")
        let error = await proxied.failure(try HTTPRequest.to("http://direct.invalid"))
        #expect(error?.kind == .resolve)
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}
