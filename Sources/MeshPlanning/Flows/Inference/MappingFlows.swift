package import MeshModel

/// Flows of Emissary: from its pods to the Service that each Mapping names.
package enum MappingFlows {
    /// Mappings to hosts that are no Service of the cluster are left out.
    package static func flows(in state: MeshState) -> [Flow] {
        guard !state.flows.mappings.isEmpty else { return [] }
        let services = Set(state.flows.services.map(\.meta.text))
        let clients = clients(in: state)
        return state.flows.mappings.flatMap { mapping -> [Flow] in
            guard let target = MappingTarget(mapping),
                services.contains("\(target.namespace)/\(target.name)")
            else { return [] }
            let transport = MappingTransport.decide(mapping, contexts: state.flows.tlsContexts)
            return clients.map { client in
                Flow(
                    from: client,
                    to: .service(
                        namespace: target.namespace, name: target.name, port: target.port),
                    origin: .inferred(.mapping), because: because(mapping, transport),
                    sends: transport.forced)
            }
        }
    }

    private static func because(_ mapping: Mapping, _ transport: MappingTransport) -> String {
        let kind = mapping.listensOn == nil ? "Mapping" : "TCPMapping"
        return "\(kind) \(mapping.meta.text) leads to \(mapping.service), \(words(transport))"
    }

    private static func words(_ transport: MappingTransport) -> String {
        switch transport {
        case .plaintext: "without a TLSContext: in plaintext"
        case .tls: "by TLS without a certificate of the mesh"
        case .meshTLS: "by mTLS with the mesh's certificate"
        case .meshTLSWithoutProtocol:
            "with the mesh's certificate, but without `alpn_protocols: istio`, by which a port that is "
                + "not STRICT would know it"
        case .unknownContext(let name):
            "with the TLSContext \(name), which was not found"
        }
    }

    /// Emissary's own Deployments; where none is known by its labels, somebody without a proxy.
    private static func clients(in state: MeshState) -> [Flow.Client] {
        let found = state.topmostWorkloads.filter { workload in
            workload.kind != .replicaSet
                && labels.contains { key, values in
                    [workload.meta.labels, workload.template.labels].contains { labels in
                        labels[key].map(values.contains) ?? false
                    }
                }
        }
        return found.isEmpty ? [.external] : found.map { .workload($0.id) }
    }

    /// As the charts of Emissary, and of Ambassador before it, label their pods.
    private static let labels: [(key: String, values: Set<String>)] = [
        ("app.kubernetes.io/name", ["emissary-ingress", "emissary", "edge-stack", "ambassador"]),
        ("product", ["aes"]), ("service", ["ambassador"]),
    ]
}

extension MappingTransport {
    /// A Mapping without TLS leaves it to the data plane of Emissary's pods, as does one that is not known.
    fileprivate var forced: ForcedBytes? {
        switch self {
        case .plaintext, .unknownContext: nil
        case .tls: .tls
        // A STRICT port takes the certificate whatever protocols are offered.
        case .meshTLS, .meshTLSWithoutProtocol: .istioMTLS
        }
    }
}
