import Foundation
import KubernetesSandbox
import SandboxServer
import Testing
import Timing

@Suite struct HTTPConnectionTests {
    private func session(
        realTime: Bool = false, _ body: (SandboxSession) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let session = try await SandboxSession.open(
            name: "home-cluster", directory: directory.path, realTime: realTime)
        do {
            try await body(session)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    @Test("one connection carries many requests, and the log counts them")
    func keepAlive() async throws {
        try await session { session in
            let client = try RawClient(port: session.port)
            for _ in 0..<20 {
                #expect(try client.send("GET", "/api/v1/namespaces/media").status == 200)
            }
            let body = #"{"metadata":{"labels":{"a":"b"}}}"#
            let type = "application/merge-patch+json"
            #expect(
                try client.send("PATCH", "/api/v1/namespaces/media", body, type: type).status == 200
            )
            #expect(session.requestLog.count == 21)
            #expect(session.requestLog.filter { $0.method == "PATCH" }.map(\.status) == [200])
        }
    }

    @Test("a watch is chunked, tells a change made on another connection, and ends in time")
    func watch() async throws {
        try await session { session in
            let watcher = try RawClient(port: session.port)
            watcher.start(
                "GET",
                "/api/v1/namespaces?watch=1&timeoutSeconds=60&fieldSelector=metadata.name%3Dmedia")
            let first = watcher.read { $0.contains("ADDED") && $0.hasSuffix("\r\n") }
            #expect(first.lowercased().contains("transfer-encoding: chunked"))
            let body = #"{"metadata":{"labels":{"seen":"yes"}}}"#
            _ = try RawClient(port: session.port).send(
                "PATCH", "/api/v1/namespaces/media", body, type: "application/merge-patch+json")
            let second = watcher.read { $0.contains("MODIFIED") && $0.hasSuffix("\r\n") }
            #expect(second.contains(#""seen":"yes""#))
            try await session.clock.sleep(for: .seconds(61))
            let end = watcher.read { $0.hasSuffix("0\r\n\r\n") }
            #expect(end.hasSuffix("0\r\n\r\n"))
            // The connection is good for another request.
            #expect(try watcher.send("GET", "/readyz").status == 200)
        }
    }

    @Test("closing the session ends open watches and refuses new connections")
    func close() async throws {
        var port = 0
        var watcher: RawClient?
        try await session { session in
            port = session.port
            let client = try RawClient(port: session.port)
            client.start("GET", "/api/v1/namespaces?watch=1")
            _ = client.read { $0.contains("ADDED") }
            watcher = client
        }
        let rest = try #require(watcher).read { _ in false }
        #expect(!rest.contains("ERROR"))
        #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
    }

    @Test("a body that is too large gets 413, one that is no HTTP gets 400")
    func bounds() async throws {
        try await session { session in
            let large = try RawClient(port: session.port)
            let answer = try large.send(
                "POST", "/api/v1/namespaces", String(repeating: "x", count: 4 << 20))
            #expect(answer.status == 413)
            let noise = try RawClient(port: session.port)
            noise.write("\u{1}\u{2} nonsense\r\n\r\n")
            let text = noise.read { $0.contains("\r\n\r\n") }
            #expect(text.hasPrefix("HTTP/1.1 400"))
            let header = try RawClient(port: session.port)
            header.write(
                "GET / HTTP/1.1\r\nX-Long: \(String(repeating: "y", count: 1 << 20))\r\n\r\n")
            let refused = header.read { $0.contains("\r\n\r\n") }
            #expect(!refused.contains("200 OK"))
            #expect(try RawClient(port: session.port).send("GET", "/readyz").status == 200)
        }
    }

    @Test("a warning is a header of its own")
    func warning() async throws {
        try await session { session in
            let body =
                #"{"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","metadata":{"name":"w"},"spec":{"mtls":{"modee":"x"}}}"#
            let answer = try RawClient(port: session.port).send(
                "POST", "/apis/security.istio.io/v1/namespaces/media/peerauthentications", body)
            #expect(answer.status == 201)
            #expect(answer.head.contains(#"Warning: 299 - "unknown field \"spec.mtls.modee\"""#))
        }
    }

    @Test("at wall speed things happen while nobody asks, and a wait takes its time")
    func realTime() async throws {
        try await session(realTime: true) { session in
            let client = try RawClient(port: session.port)
            let body = #"{"metadata":{"labels":{"istio.io/dataplane-mode":"ambient"}}}"#
            _ = try client.send(
                "PATCH", "/api/v1/namespaces/media", body, type: "application/merge-patch+json")
            let before = session.clock.now()
            let wall = ContinuousClock.now
            try await session.clock.sleep(for: .milliseconds(900))
            #expect(wall.duration(to: .now) >= .milliseconds(900))
            #expect(session.clock.now() - before >= .milliseconds(890))
            let pods = try client.send("GET", "/api/v1/namespaces/media/pods")
            #expect(pods.body.contains(#""ambient.istio.io/redirection":"enabled""#))
        }
    }

    @Test("a cancelled wait throws")
    func cancellation() async throws {
        try await session { session in
            let task = Task { try await session.clock.sleep(for: .seconds(1)) }
            task.cancel()
            await #expect(throws: CancellationError.self) {
                try await Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await session.clock.sleep(for: .seconds(1))
                }.value
            }
        }
    }
}
