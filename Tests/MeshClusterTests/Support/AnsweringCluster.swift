import HTTPTypes
import KubernetesClient
import MeshCluster
import MeshModel
import Synchronization
import Timing

/// An API server that gives fixed answers by method and path, and keeps what it was asked; all else is 404.
final class AnsweringCluster: HTTPTransport {
    struct Request {
        /// `GET /api/v1/pods?limit=500`
        var line: String
        var body: String
    }

    /// Status and body by `GET /apis`, without the query.
    private let answers: [String: (Int, String)]
    private let asked = Mutex<[Request]>([])

    init(_ answers: [String: (Int, String)]) { self.answers = answers }

    var requests: [Request] { asked.withLock { $0 } }

    func reader(_ state: MeshState) throws -> GateReader {
        let client = KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: StillClock(), retry: .none, jitter: { $0.lowerBound })
        return GateReader(client: client, clock: StillClock(), state: state)
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
        let (code, text) = answers[key] ?? (404, Self.status(404, "NotFound", "not there"))
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
