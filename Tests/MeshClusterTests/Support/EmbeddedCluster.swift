import HTTPTypes
import JSON
import KubernetesClient
import KubernetesSandbox
import MeshCluster
import Synchronization
import Testing
import Timing

/// A sandbox in this process as the API server, with its own clock.
final class EmbeddedCluster: HTTPTransport, RunClock {
    private let cluster: Mutex<SandboxCluster>

    init(_ scenario: String) throws {
        let found = try Scenario.embedded(scenario)
        cluster = Mutex(try SandboxCluster(#require(found), seed: 42))
    }

    func client() throws -> KubernetesClient {
        KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: self, retry: .none, jitter: { $0.lowerBound })
    }

    func now() -> Timestamp { cluster.withLock { $0.now } }

    func sleep(for duration: Duration) async throws { pass(duration) }

    func standBy(for _: Duration) async throws { try await Task.sleep(for: .seconds(600)) }

    func pass(_ duration: Duration) { cluster.withLock { $0.advance(to: $0.now + duration) } }

    func switchOn(_ words: String...) throws {
        try cluster.withLock { try $0.switchOn(Fault(words)) }
    }

    func create(_ path: String, _ object: JSONValue) throws {
        var fields = HTTPFields()
        fields[.contentType] = "application/json"
        let response = answer(
            SandboxRequest(.post, path, fields: fields, body: object.canonicalBytes))
        try #require(
            response?.status == 201, "\(String(decoding: response?.body ?? [], as: UTF8.self))")
    }

    private func answer(_ request: SandboxRequest) -> SandboxResponse? {
        cluster.withLock {
            if case .response(let response) = $0.handle(request) { response } else { nil }
        }
    }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let asked = SandboxRequest(
            request.method, request.path ?? "/", fields: request.headerFields, body: body ?? [])
        guard let response = answer(asked) else {
            throw TransportError(.other, mayHaveReachedServer: true, message: "no answer")
        }
        var head = HTTPResponse(status: .init(code: response.status))
        head.headerFields[.contentType] = response.contentType
        return TransportResponse(head: head, body: response.body)
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(.other, mayHaveReachedServer: false, message: "nothing streams")
    }
}
