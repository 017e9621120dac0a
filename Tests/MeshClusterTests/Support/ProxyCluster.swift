import HTTPTypes
import KubernetesClient
import Synchronization
import Timing

/// An API server behind which pods answer: their pages, their logs, and lists of pods that change in time.
final class ProxyCluster: HTTPTransport {
    /// By path without query; called with the clock's time and the whole path.
    typealias Answer = @Sendable (_ now: Timestamp, _ path: String) -> String?

    let clock = JumpingClock()
    private let answer: Answer
    private let asked = Mutex<[String]>([])

    /// - Parameter answer: nil is refused.
    init(_ answer: @escaping Answer) { self.answer = answer }

    var paths: [String] { asked.withLock { $0 } }

    func client() throws -> KubernetesClient {
        KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: clock, retry: .none, jitter: { $0.lowerBound })
    }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let path = request.path ?? ""
        asked.withLock { $0.append(path) }
        guard let text = answer(clock.now(), path) else {
            return Self.response(
                403,
                """
                {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                 "message": "no", "reason": "Forbidden", "details": {}, "code": 403}
                """)
        }
        return Self.response(200, text)
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(.other, mayHaveReachedServer: false, message: "nothing streams")
    }

    private static func response(_ code: Int, _ body: String) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: code))
        head.headerFields[.contentType] = "application/json"
        return TransportResponse(head: head, body: Array(body.utf8))
    }
}

/// Waiting takes no time; the clock is then where it would be.
final class JumpingClock: RunClock {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    private let time = Mutex(JumpingClock.start)

    func now() -> Timestamp { time.withLock { $0 } }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = $0 + duration }
    }

    func standBy(for _: Duration) async throws { try await Task.sleep(for: .seconds(600)) }
}
