import MeshModel

/// The kinds of client that a server is told for. What a client sends may also depend on rules of its own
/// namespace: these clients stand in the server's.
package enum ClientKind: String, Encodable, Sendable, Hashable, CaseIterable {
    case sidecar, ambient, gateway
    /// A pod of the cluster without a data plane.
    case plain
    case external
    /// A process on the host network of the server's own node.
    case node

    /// A client of this kind.
    func client(of server: Pod) -> FlowClient {
        switch self {
        case .external: .external
        case .node: .node(server.nodeName)
        case .plain: .pod(pod(in: server.meta.namespace))
        case .sidecar:
            .pod(
                pod(
                    in: server.meta.namespace, annotations: [LabelKeys.sidecarStatus: "{}"],
                    containers: [Container(name: "istio-proxy")]))
        case .ambient:
            .pod(
                pod(
                    in: server.meta.namespace,
                    annotations: [LabelKeys.ambientRedirection: "enabled"]))
        case .gateway:
            .pod(
                pod(
                    in: server.meta.namespace,
                    labels: ["gateway.istio.io/managed": "istio.io-gateway-controller"],
                    containers: [Container(name: "istio-proxy")]))
        }
    }

    /// Whether it looks at more than the server's address.
    var hasProxy: Bool { [.sidecar, .ambient, .gateway].contains(self) }

    var plane: PodDataplane {
        switch self {
        case .sidecar: .sidecar
        case .ambient: .ambient
        case .gateway: .gateway
        case .plain, .external, .node: .none
        }
    }

    private func pod(
        in namespace: String, labels: [String: String] = [:],
        annotations: [String: String] = [:], containers: [Container] = []
    ) -> Pod {
        Pod(
            meta: ObjectMeta(
                name: "(a \(rawValue) client)", namespace: namespace, labels: labels,
                annotations: annotations), containers: containers)
    }
}

/// What a client of one kind meets at a port.
package struct ClientEntry: Encodable, Sendable, Hashable {
    package var client: ClientKind
    package var sent: String
    /// Absent where it cannot be judged.
    package var sentBecause: String?
    package var outcome: String
    package var reason: String
    /// What client and proxies would show.
    package var seenAs: [String]

    init(_ kind: ClientKind, _ verdict: FlowVerdict, seenAs: [String]) {
        client = kind
        sent = verdict.sent.rawValue
        sentBecause = verdict.sentBecause?.rawValue
        outcome = verdict.outcome.rawValue
        reason = verdict.reason.rawValue
        self.seenAs = seenAs
    }
}
