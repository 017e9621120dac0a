import HTTPTypes
import KubernetesClient

extension HTTPRequest {
    /// A request to a server given by its URL.
    static func to(
        _ url: String, _ path: String = "/", _ method: HTTPRequest.Method = .get
    ) throws -> HTTPRequest {
        let server = try ServerURL(url)
        return HTTPRequest(
            method: method, scheme: server.scheme.rawValue, authority: server.authority, path: path)
    }
}

extension CurlTransport {
    /// The transport error of a request that has to fail.
    func failure(
        _ request: HTTPRequest, body: [UInt8]? = nil, timeout: Duration = .seconds(10)
    ) async -> TransportError? {
        do {
            _ = try await send(request, body: body, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    func text(
        _ request: HTTPRequest, body: [UInt8]? = nil, timeout: Duration = .seconds(10)
    ) async throws -> String {
        String(
            decoding: try await send(request, body: body, timeout: timeout).body, as: UTF8.self)
    }
}
