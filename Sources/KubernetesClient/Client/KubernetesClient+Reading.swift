import Foundation
import HTTPTypes
package import JSON

extension KubernetesClient {
    /// All objects of a collection, page by page, each decoded as it arrives.
    ///
    /// Nil when the server does not know the resource, as without its CRD. The core group is known to
    /// every Kubernetes server, so its absence is an error: this is no API server.
    package func list<Item: Sendable>(
        _ resource: KubernetesResource, namespace: String? = nil, labelSelector: String? = nil,
        fieldSelector: String? = nil, decoder: ListDecoder<Item>
    ) async throws(KubernetesError) -> ResourceList<Item>? {
        var pages = ListPages<Item>()
        while !pages.areComplete {
            let call = try listCall(
                resource, namespace, labelSelector, fieldSelector, pages.continueToken)
            do throws(KubernetesError) {
                let response = try await perform(call, method: .get, accept: decoder.mediaType)
                let page: ListPage<Item>
                do {
                    let type = response.head.headerFields[.contentType] ?? ""
                    page = try decoder.decode(response.body, type)
                } catch {
                    throw .malformed(Self.words(of: error), call)
                }
                guard pages.append(page) else {
                    throw .malformed("the list does not come to an end", call)
                }
            } catch {
                guard case .status(let status) = error else { throw error }
                if status.isNotFound, !resource.group.isEmpty { return nil }
                guard status.isExpired, pages.restart() else { throw error }
            }
        }
        return ResourceList(items: pages.items, resourceVersion: pages.resourceVersion)
    }

    private func listCall(
        _ resource: KubernetesResource, _ namespace: String?, _ labelSelector: String?,
        _ fieldSelector: String?, _ continueToken: String?
    ) throws(KubernetesError) -> APICall {
        var query: [(name: String, value: String)] = []
        if let labelSelector { query.append(("labelSelector", labelSelector)) }
        if let fieldSelector { query.append(("fieldSelector", fieldSelector)) }
        query.append(("limit", "500"))
        if let continueToken { query.append(("continue", continueToken)) }
        return try call(.list, resource, namespace: namespace, query: query)
    }

    /// One object; nil when there is none of this name. A missing resource is an error here.
    package func get(_ path: ObjectPath) async throws(KubernetesError) -> JSONValue? {
        let call = try call(
            .get, path.resource, namespace: path.namespace, name: path.name)
        do throws(KubernetesError) {
            return try Self.document(try await perform(call, method: .get), call)
        } catch {
            if case .status(let status) = error, status.isMissingObject { return nil }
            throw error
        }
    }

    /// Anything else that the server offers for reading, such as `/readyz` or a pod's log.
    ///
    /// - Parameter path: percent-encoded, from the server's root.
    package func rawGet(
        path: String, query: [(name: String, value: String)] = [], accept: String = "*/*"
    ) async throws(KubernetesError) -> TransportResponse {
        let call = APICall(.get, server: server, path: path + URLPath.query(query))
        guard path.hasPrefix("/") else { throw .unusableName(call) }
        return try await perform(call, method: .get, accept: accept)
    }

    /// Which Kubernetes this is; the cheapest question to any server.
    package func serverVersion() async throws(KubernetesError) -> ServerVersion {
        let call = APICall(.get, server: server, path: "/version")
        let response = try await perform(call, method: .get)
        do {
            return try JSONDecoder().decode(ServerVersion.self, from: Data(response.body))
        } catch {
            throw .malformed(Self.words(of: error), call)
        }
    }

    /// A call on a resource; throws where a name cannot be one.
    func call(
        _ verb: APICall.Verb, _ resource: KubernetesResource, namespace: String?,
        name: String? = nil, query: [(name: String, value: String)] = []
    ) throws(KubernetesError) -> APICall {
        let path = URLPath.collection(resource, namespace: namespace, name: name)
        let call = APICall(
            verb, server: server, resource: resource, namespace: namespace, name: name,
            path: (path ?? "") + URLPath.query(query))
        guard path != nil else { throw .unusableName(call) }
        return call
    }

    static func document(
        _ response: TransportResponse, _ call: APICall
    ) throws(KubernetesError) -> JSONValue {
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw .malformed(words(of: error), call)
        }
    }

    /// Where and why a document does not fit, in one line.
    static func words(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return String(describing: error) }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found),
            .keyNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default:
            return "it cannot be read"
        }
        let path = context.codingPath
            .map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}

/// `/version`.
package struct ServerVersion: Sendable, Hashable, Decodable {
    package var major: String
    package var minor: String
    /// Such as `v1.36.2`.
    package var gitVersion: String
    package var platform: String?
}
