import HTTPTypes
import KubernetesClient
import Synchronization
import Testing

/// A transport that answers from a script, in order, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    enum Step: Sendable {
        case answer(Int, String, headers: [String: String] = [:])
        case failure(TransportError)
        /// Runs first, then the next step answers.
        case aside(@Sendable () -> Void)
    }

    struct Asked: Sendable {
        var method: String
        var url: String
        var headers: HTTPFields
        var body: String?
    }

    private struct State {
        var steps: [Step]
        var asked: [Asked] = []
    }

    private let state: Mutex<State>

    init(_ steps: [Step]) { state = Mutex(State(steps: steps)) }

    var asked: [Asked] { state.withLock(\.asked) }
    var isDone: Bool { state.withLock(\.steps.isEmpty) }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        while true {
            switch next(request, body) {
            case .aside(let action): action()
            case .failure(let error): throw error
            case .answer(let code, let text, let headers):
                return TransportResponse(head: Self.head(code, headers), body: Array(text.utf8))
            case nil:
                throw TransportError(
                    .other, mayHaveReachedServer: false, message: "the script has ended")
            }
        }
    }

    /// Hands the body out in pieces of three bytes, so that no reader can rely on whole lines.
    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        let response = try await send(request, body: nil, timeout: idleTimeout)
        onHead(response.head)
        var rest = response.body[...]
        while !rest.isEmpty {
            guard onChunk(Array(rest.prefix(3))) else { return }
            rest = rest.dropFirst(3)
        }
    }

    private func next(_ request: HTTPRequest, _ body: [UInt8]?) -> Step? {
        state.withLock { state in
            guard !state.steps.isEmpty else { return nil }
            let step = state.steps.removeFirst()
            if case .aside = step { return step }
            state.asked.append(
                Asked(
                    method: request.method.rawValue,
                    url:
                        "\(request.scheme ?? "")://\(request.authority ?? "")\(request.path ?? "")",
                    headers: request.headerFields,
                    body: body.map { String(decoding: $0, as: UTF8.self) }))
            return step
        }
    }

    private static func head(_ code: Int, _ headers: [String: String]) -> HTTPResponse {
        var head = HTTPResponse(status: .init(code: code))
        head.headerFields[.contentType] = "application/json"
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        return head
    }
}

extension ScriptedTransport.Step {
    static func failure(
        _ kind: TransportError.Kind, reached: Bool
    ) -> ScriptedTransport.Step {
        .failure(TransportError(kind, mayHaveReachedServer: reached, message: kind.rawValue))
    }

    static func status(
        _ code: Int, _ reason: String, _ message: String = "no",
        headers: [String: String] = [:]
    ) -> ScriptedTransport.Step {
        .answer(
            code,
            """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
             "message":"\(message)","reason":"\(reason)","code":\(code)}
            """, headers: headers)
    }
}
