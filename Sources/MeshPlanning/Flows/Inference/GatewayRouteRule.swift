import MeshModel

/// Backends of Gateway API routes are called by the pods of the Gateways that the routes hang on.
///
/// Whoever implements a Gateway in the cluster labels what it makes with the Gateway's name (GEP-1762). One
/// with addresses of type Hostname is served by the pods behind that Service instead (Istio's "manual
/// deployment", `tasks/traffic-management/ingress/gateway-api`).
enum GatewayRouteRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let objects = facts.state.flows
        guard !objects.gatewayRoutes.isEmpty else { return [] }
        let gateways = Dictionary(
            objects.routeGateways.map { ($0.meta.text, $0) }, uniquingKeysWith: { a, _ in a })
        var clients: [GatewayRoute.Parent: [Workload]] = [:]
        return objects.gatewayRoutes.flatMap { route -> [Flow] in
            let servers = Set(route.backends).compactMap(facts.target)
            guard !servers.isEmpty else { return [] }
            return Set(route.parents).flatMap { parent -> [Flow] in
                let found =
                    clients[parent]
                    ?? workloads(of: parent, gateways["\(parent.namespace)/\(parent.name)"], facts)
                clients[parent] = found
                return flows(
                    to: servers, from: found,
                    because: "backend of \(route.kind.rawValue) \(route.meta.text) on Gateway "
                        + "\(parent.namespace)/\(parent.name)")
            }
        }
    }

    /// From the gateway's pods; from somebody without a proxy where these are not known.
    static func flows(
        to servers: [Flow.Server], from workloads: [Workload], because: String
    ) -> [Flow] {
        servers.flatMap { server -> [Flow] in
            guard !workloads.isEmpty else {
                return [
                    Flow(
                        from: .external, to: server, origin: .inferred(.gatewayRoute),
                        certainty: .doubtful, because: because + ", whose pods are not known")
                ]
            }
            return workloads.map {
                Flow(
                    from: .workload($0.id), to: server, origin: .inferred(.gatewayRoute),
                    because: because)
            }
        }
    }

    private static func workloads(
        of parent: GatewayRoute.Parent, _ gateway: RouteGateway?, _ facts: InferenceFacts
    ) -> [Workload] {
        let services = (gateway?.hostnames ?? []).compactMap { hostname -> Service? in
            if let host = ServiceHost(hostname) { return facts.service(host.namespace, host.name) }
            return facts.service(parent.namespace, hostname)
        }
        if !services.isEmpty { return services.flatMap { facts.workloads(behind: $0) } }
        let made = facts.workloads(
            labelled: [nameLabel: parent.name], in: parent.namespace)
        if !made.isEmpty { return made }
        return facts.workloads(labelled: [
            "gateway.envoyproxy.io/owning-gateway-name": parent.name,
            "gateway.envoyproxy.io/owning-gateway-namespace": parent.namespace,
        ])
    }

    private static let nameLabel = "gateway.networking.k8s.io/gateway-name"
}
