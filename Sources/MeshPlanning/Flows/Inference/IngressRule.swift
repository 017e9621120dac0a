import MeshModel

/// Backends of Ingresses are called by their controller's pods; by somebody without a proxy where it has none
/// in the cluster, or these are not known. The classes of the Cloudflare operator are cloudflared's
/// (`TunnelFlows`).
enum IngressRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let ingresses = facts.state.flows.ingresses
        guard !ingresses.isEmpty else { return [] }
        let classes = Classes(facts.state.flows)
        var found: [Flow] = []
        var tunnels: [TunnelFlows.Backend] = []
        var clients: [String: Clients] = [:]
        for ingress in ingresses {
            let entry = classes.entry(of: ingress)
            if entry?.controller == TunnelFlows.controller {
                let tunnelClass = entry.flatMap(classes.tunnelClass)
                tunnels += backends(of: ingress, through: tunnelClass, facts)
                continue
            }
            let key =
                entry.map { "controller \($0.controller)" } ?? "class \(ingress.className ?? "")"
            let known =
                clients[key]
                ?? Clients(
                    entry.map { IngressController.named($0.controller) }
                        ?? ingress.className.map(IngressController.ofClass) ?? [], facts)
            clients[key] = known
            found += flows(of: ingress, from: known, facts)
        }
        return found + TunnelFlows.flows(in: facts.state, backends: tunnels)
    }

    /// Who opens the connections of a class.
    private enum Clients {
        case workloads([Workload])
        /// The controller is known, and has no pods in the cluster.
        case outside
        case unknown

        init(_ controllers: [IngressController], _ facts: InferenceFacts) {
            var seen: Set<WorkloadID> = []
            let found = controllers.flatMap(\.labels).flatMap { facts.workloads(labelled: $0) }
                .filter { seen.insert($0.id).inserted }
            if !found.isEmpty {
                self = .workloads(found)
            } else if !controllers.isEmpty, !controllers.contains(where: \.hasPods) {
                self = .outside
            } else {
                self = .unknown
            }
        }
    }

    private static func flows(
        of ingress: Ingress, from clients: Clients, _ facts: InferenceFacts
    ) -> [Flow] {
        let name = ingress.className.map { " of class \($0)" } ?? ""
        let because = "backend of Ingress \(ingress.meta.text)\(name)"
        return Set(ingress.backends).compactMap(facts.target).flatMap { server in
            func flow(
                _ client: Flow.Client, because: String, _ certainty: Flow.Certainty = .sure
            ) -> Flow {
                Flow(
                    from: client, to: server, origin: .inferred(.ingress), certainty: certainty,
                    because: because)
            }
            switch clients {
            case .workloads(let workloads):
                return workloads.map { flow(.workload($0.id), because: because) }
            case .outside:
                return [
                    flow(.external, because: because + ", whose proxy is no pod of the cluster")
                ]
            case .unknown:
                let doubt = because + ", whose controller's pods are not known"
                return [flow(.external, because: doubt, .doubtful)]
            }
        }
    }

    private static func backends(
        of ingress: Ingress, through tunnelClass: TunnelClass?, _ facts: InferenceFacts
    ) -> [TunnelFlows.Backend] {
        Set(ingress.backends).compactMap { backend in
            guard case .service(_, _, let port) = facts.target(backend) else { return nil }
            return TunnelFlows.Backend(
                ingress: ingress.meta, service: backend.name, port: port, tunnelClass: tunnelClass)
        }
    }
}

/// The IngressClasses by name.
private struct Classes {
    private let byName: [String: IngressClass]
    private let byDefault: IngressClass?
    private let tunnels: [TunnelClass]

    init(_ flows: FlowObjects) {
        byName = Dictionary(
            flows.ingressClasses.map { ($0.meta.name, $0) }, uniquingKeysWith: { a, _ in a })
        // Of several, Kubernetes takes the newest (plugin/pkg/admission/network/defaultingressclass).
        byDefault = flows.ingressClasses.filter(\.isDefault)
            .max { $0.meta.creationTimestamp < $1.meta.creationTimestamp }
        tunnels = flows.tunnelClasses
    }

    func entry(of ingress: Ingress) -> IngressClass? {
        guard let name = ingress.className else { return byDefault }
        return byName[name]
    }

    /// The parameters that the class names; the only ones there are, where it names none.
    func tunnelClass(of entry: IngressClass) -> TunnelClass? {
        guard let parameters = entry.parameters else {
            return tunnels.count == 1 ? tunnels.first : nil
        }
        return tunnels.first {
            $0.meta.name == parameters.name
                && (parameters.namespace == nil || $0.meta.namespace == parameters.namespace)
        }
    }
}
