package import MeshModel

/// A route of the Gateway API; the list, or the manifest, knows its kind.
package struct GatewayRouteResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    /// A parent, or a backend: both name an object by group, kind, namespace and name.
    private struct Reference: Decodable {
        var group: String?
        var kind: String?
        var namespace: String?
        var name: String?
        var port: Int?
    }
    private struct Filter: Decodable {
        struct Mirror: Decodable { var backendRef: Reference? }
        var requestMirror: Mirror?
    }
    private struct Rule: Decodable {
        var backendRefs: [Reference]?
        var filters: [Filter]?
    }
    private struct Spec: Decodable {
        var parentRefs: [Reference]?
        var rules: [Rule]?
    }

    private let meta: ObjectMeta
    private let parents: [GatewayRoute.Parent]
    private let backends: [ServiceBackend]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let meta = try container.decode(MetadataResource.self, forKey: .metadata)
            .meta(defaultNamespace: "default")
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        self.meta = meta
        parents = (spec?.parentRefs ?? []).compactMap { parent in
            guard let name = parent.name, parent.kind ?? "Gateway" == "Gateway",
                parent.group ?? "gateway.networking.k8s.io" == "gateway.networking.k8s.io"
            else { return nil }
            return GatewayRoute.Parent(namespace: parent.namespace ?? meta.namespace, name: name)
        }
        let targets = (spec?.rules ?? []).flatMap { rule in
            (rule.backendRefs ?? []) + (rule.filters ?? []).compactMap(\.requestMirror?.backendRef)
        }
        backends = targets.compactMap { backend in
            guard let name = backend.name, backend.kind ?? "Service" == "Service",
                backend.group ?? "" == ""
            else { return nil }
            return ServiceBackend(
                namespace: backend.namespace ?? meta.namespace, name: name,
                port: backend.port.map { .number($0) } ?? .only)
        }
    }

    package func route(_ kind: GatewayRouteKind) -> GatewayRoute {
        GatewayRoute(kind: kind, meta: meta, parents: parents, backends: backends)
    }
}

/// A `Gateway` of `gateway.networking.k8s.io`.
package struct RouteGatewayResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Address: Decodable {
            var type: String?
            var value: String?
        }

        var gatewayClassName: String?
        var addresses: [Address]?
    }

    package let gateway: RouteGateway

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        gateway = RouteGateway(
            meta: metadata.meta(defaultNamespace: "default"),
            className: spec?.gatewayClassName ?? "",
            hostnames: (spec?.addresses ?? []).filter { $0.type == "Hostname" }
                .compactMap(\.value))
    }
}
