import MeshModel

/// A `Sidecar`, `networking.istio.io/v1` and its betas.
struct SidecarScopeResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Selector: Decodable { var labels: [String: String]? }
        struct Port: Decodable {
            var number: Int?
            var name: String?
            var `protocol`: String?
        }
        struct Ingress: Decodable { var port: Port? }
        struct Egress: Decodable { var hosts: [String]? }
        struct OutboundPolicy: Decodable { var mode: String? }

        var workloadSelector: Selector?
        var ingress: [Ingress]?
        var egress: [Egress]?
        var outboundTrafficPolicy: OutboundPolicy?
    }

    let scope: SidecarScope

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        // The mode's zero value is REGISTRY_ONLY: a policy that is there and says nothing means it.
        let outbound = spec?.outboundTrafficPolicy.map { $0.mode ?? "REGISTRY_ONLY" }
        scope = SidecarScope(
            meta: metadata.meta(defaultNamespace: "default"),
            workloadSelector: spec?.workloadSelector.map { LabelSelector($0.labels ?? [:]) },
            ingress: (spec?.ingress ?? []).compactMap { ingress in
                guard let port = ingress.port, let number = port.number else { return nil }
                return SidecarScope.Ingress(
                    number: number, name: port.name ?? "", protocolName: port.protocol ?? "")
            },
            egressHosts: (spec?.egress ?? []).flatMap { $0.hosts ?? [] },
            registryOnly: outbound.map { $0 == "REGISTRY_ONLY" })
    }
}
