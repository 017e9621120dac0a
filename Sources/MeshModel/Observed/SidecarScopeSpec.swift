package import JSON

/// `spec` of a `Sidecar` as it is written (istio/api `networking/v1/sidecar.proto`).
private struct SidecarScopeSpec: Decodable {
    struct Selector: Decodable { var labels: JSONMap<String>? }
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

extension SidecarScope {
    /// The scope that a spec means. Throws `DecodingError` where a field has another type than Istio's.
    package init(meta: ObjectMeta, spec: JSONValue) throws {
        let read = try spec.decoded(as: SidecarScopeSpec.self)
        // The mode's zero value is REGISTRY_ONLY: a policy that is there and says nothing means it.
        let outbound = read.outboundTrafficPolicy.map { $0.mode ?? "REGISTRY_ONLY" }
        self.init(
            meta: meta,
            workloadSelector: read.workloadSelector
                .map { LabelSelector($0.labels?.values ?? [:]) },
            ingress: (read.ingress ?? []).compactMap { ingress in
                guard let port = ingress.port, let number = port.number else { return nil }
                return Ingress(
                    number: number, name: port.name ?? "", protocolName: port.protocol ?? "")
            },
            egressHosts: (read.egress ?? []).flatMap { $0.hosts ?? [] },
            registryOnly: outbound.map { $0 == "REGISTRY_ONLY" }, spec: spec)
    }
}
