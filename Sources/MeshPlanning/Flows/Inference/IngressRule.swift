import MeshModel

/// Backends of Ingresses are called by their controller's pods; by somebody without a proxy where these are
/// not known. The classes of the Cloudflare operator are cloudflared's (`TunnelFlows`).
enum IngressRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let ingresses = facts.state.flows.ingresses
        guard !ingresses.isEmpty else { return [] }
        let classes = Classes(facts.state.flows)
        var found: [Flow] = []
        var tunnels: [TunnelFlows.Backend] = []
        var clients: [String: [Workload]] = [:]
        for ingress in ingresses {
            let entry = classes.entry(of: ingress)
            if entry?.controller == TunnelFlows.controller {
                let tunnelClass = entry.flatMap(classes.tunnelClass)
                tunnels += backends(of: ingress, through: tunnelClass, facts)
                continue
            }
            let controller =
                entry.map { IngressController.named($0.controller) }
                ?? ingress.className.flatMap(IngressController.ofClass)
            if let controller, clients[controller.controller] == nil {
                clients[controller.controller] = workloads(of: controller, facts)
            }
            let workloads = controller.flatMap { clients[$0.controller] } ?? []
            found += flows(of: ingress, from: workloads, facts)
        }
        return found + TunnelFlows.flows(in: facts.state, backends: tunnels)
    }

    private static func workloads(
        of controller: IngressController, _ facts: InferenceFacts
    ) -> [Workload] {
        var seen: Set<WorkloadID> = []
        return controller.labels.flatMap { facts.workloads(labelled: $0) }
            .filter { seen.insert($0.id).inserted }
    }

    private static func flows(
        of ingress: Ingress, from workloads: [Workload], _ facts: InferenceFacts
    ) -> [Flow] {
        let name = ingress.className.map { " of class \($0)" } ?? ""
        let because = "backend of Ingress \(ingress.meta.text)\(name)"
        return Set(ingress.backends).compactMap(facts.target).flatMap { server in
            guard !workloads.isEmpty else {
                return [
                    Flow(
                        from: .external, to: server, origin: .inferred(.ingress),
                        certainty: .doubtful,
                        because: because + ", whose controller's pods are not known")
                ]
            }
            return workloads.map {
                Flow(
                    from: .workload($0.id), to: server, origin: .inferred(.ingress),
                    because: because)
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
