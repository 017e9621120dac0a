import HTTPTypes
import KubernetesClient
import Timing

/// An API server that knows some lists; others of the core group are empty, and all else is not found.
final class ListedCluster: HTTPTransport {
    private let lists: [String: String]
    private let forbidden: Set<String>

    /// - Parameters:
    ///   - lists: the items of each list, as JSON, by the list's path.
    ///   - forbidden: paths that are refused.
    init(_ lists: [String: String], forbidden: Set<String> = []) {
        self.lists = lists
        self.forbidden = forbidden
    }

    func client() throws -> KubernetesClient {
        KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: StillClock(), retry: .none, jitter: { $0.lowerBound })
    }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let path = request.path?.split(separator: "?").first.map(String.init) ?? ""
        if forbidden.contains(path) { return Self.status(403, "Forbidden") }
        guard let items = lists[path] ?? Self.empty(path) else {
            let words = path.split(separator: "/").suffix(2).map(String.init)
            // As the API server says of one object that is not there: `configmaps/istio`.
            return Self.status(
                404, "NotFound",
                details:
                    "{\"kind\": \"\(words.first ?? "")\", \"name\": \"\(words.last ?? "")\"}")
        }
        return Self.answer(
            200,
            "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": \(items)}")
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(.other, mayHaveReachedServer: false, message: "lists do not stream")
    }

    /// Every cluster has the lists of the core group: `/api/v1/nodes`, `/api/v1/namespaces/a/configmaps`.
    private static func empty(_ path: String) -> String? {
        let words = path.split(separator: "/")
        return words.first == "api" && words.count % 2 == 1 ? "[]" : nil
    }

    private static func status(
        _ code: Int, _ reason: String, details: String = "{}"
    ) -> TransportResponse {
        answer(
            code,
            """
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
             "message": "no", "reason": "\(reason)", "details": \(details), "code": \(code)}
            """)
    }

    private static func answer(_ code: Int, _ body: String) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: code))
        head.headerFields[.contentType] = "application/json"
        return TransportResponse(head: head, body: Array(body.utf8))
    }
}

struct StillClock: RunClock {
    func now() -> Timestamp { Timestamp(milliseconds: 0) }
    func sleep(for duration: Duration) async throws {}
    func standBy(for _: Duration) async throws { try await Task.sleep(for: .seconds(600)) }
}
