import HTTPTypes
import KubernetesClient
import MeshCluster
import MeshModel
import Synchronization
import Timing

/// An API server that gives answers by method and path, and keeps what it was asked; all else is 404.
final class AnsweringCluster: HTTPTransport {
    /// Status and body; called with the clock's time, and `GET /apis`, without the query.
    typealias Answer = @Sendable (_ now: Timestamp, _ line: String) -> (Int, String)?

    struct Request {
        /// `GET /api/v1/pods?limit=500`
        var line: String
        var body: String
    }

    private let clock: any RunClock
    private let answer: Answer
    private let asked = Mutex<[Request]>([])

    /// The same answers at all times, and a clock that stands still.
    init(_ answers: [String: (Int, String)]) {
        clock = StillClock()
        answer = { answers[$1] }
    }

    init(_ clock: any RunClock, _ answer: @escaping Answer) {
        self.clock = clock
        self.answer = answer
    }

    var requests: [Request] { asked.withLock { $0 } }

    func reader(_ state: MeshState) throws -> GateReader {
        let client = KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: clock, retry: .none, jitter: { $0.lowerBound })
        return GateReader(client: client, clock: clock, state: state)
    }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let path = request.path ?? ""
        let method = request.method.rawValue
        asked.withLock {
            $0.append(
                Request(
                    line: "\(method) \(path)", body: String(decoding: body ?? [], as: UTF8.self)))
        }
        let key = "\(method) \(path.split(separator: "?").first ?? "")"
        let (code, text) =
            answer(clock.now(), key) ?? (404, Self.status(404, "NotFound", "not there"))
        var head = HTTPResponse(status: .init(code: code))
        head.headerFields[.contentType] = "application/json"
        return TransportResponse(head: head, body: Array(text.utf8))
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(.other, mayHaveReachedServer: false, message: "nothing streams")
    }

    /// A Status as the API server has it.
    static func status(_ code: Int, _ reason: String, _ message: String) -> String {
        """
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
         "message": "\(message)", "reason": "\(reason)", "details": {"kind": "pods"}, "code": \(code)}
        """
    }
}
