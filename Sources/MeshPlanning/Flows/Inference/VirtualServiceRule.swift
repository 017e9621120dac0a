import MeshModel

/// Destinations of VirtualServices that are bound to Istio Gateways are called by the pods that these select.
enum VirtualServiceRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let objects = facts.state.flows
        guard !objects.virtualServices.isEmpty else { return [] }
        let selectors = Dictionary(
            objects.istioGateways.map { ($0.meta.text, $0.selector) },
            uniquingKeysWith: { a, _ in a })
        var clients: [String: [Workload]] = [:]
        return objects.virtualServices.flatMap { rule -> [Flow] in
            let servers = Set(rule.destinations).compactMap { server($0, of: rule, facts) }
            guard !servers.isEmpty else { return [] }
            let gateways = Set(rule.gateways.compactMap { gateway($0, of: rule) })
            return gateways.flatMap { gateway -> [Flow] in
                // Without a selector it is every gateway's, and these are not told from other pods.
                let found =
                    clients[gateway]
                    ?? selectors[gateway].map { facts.workloads(labelled: $0) } ?? []
                clients[gateway] = found
                return GatewayRouteRule.flows(
                    to: servers, from: found,
                    because: "destination of VirtualService \(rule.meta.text) on Gateway \(gateway)"
                )
            }
        }
    }

    /// `namespace/name`; nil for `mesh`, the proxies of pods (istio `VirtualService.gateways`).
    private static func gateway(_ text: String, of rule: VirtualService) -> String? {
        if text == "mesh" { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2 {
            return "\(parts[0] == "." ? Substring(rule.meta.namespace) : parts[0])/\(parts[1])"
        }
        // An older way to name one of another namespace (istio `pilot/pkg/model/config.go:resolveGatewayName`).
        if let host = ServiceHost(text) { return "\(host.namespace)/\(host.name)" }
        return "\(rule.meta.namespace)/\(text)"
    }

    private static func server(
        _ destination: VirtualService.Destination, of rule: VirtualService, _ facts: InferenceFacts
    ) -> Flow.Server? {
        let host = ServiceHost(destination.host)
        // Istio completes only names without a dot.
        guard host != nil || !destination.host.contains(".") else { return nil }
        return facts.target(
            ServiceBackend(
                namespace: host?.namespace ?? rule.meta.namespace,
                name: host?.name ?? destination.host,
                port: destination.port.map { .number($0) } ?? .only))
    }
}
