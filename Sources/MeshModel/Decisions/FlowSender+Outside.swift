/// What is sent to a host that is not the cluster's. `plaintext` means the application's own bytes, be they
/// TLS or not.
extension FlowSender {
    /// A sidecar knows the hosts of ServiceEntries that are exported to its namespace and that its `Sidecar`
    /// lists; all else goes to PassthroughCluster, or to BlackHoleCluster
    /// (istio `pilot/pkg/networking/core/cluster.go:buildBlackHoleCluster`, `httproute.go:getCatchAllVirtualHost`).
    func fromSidecar(_ pod: Pod, toHost host: String, port: Int) -> Sending {
        let address = IPRange(host) == nil ? "" : host
        switch Interception.ofOutbound(to: address, port: port, from: pod) {
        case .excluded: return .bytes(.plaintext, .outboundExcluded)
        case .taken: return taken(by: pod, toHost: host, port: port)
        case .unknown:
            let taken = taken(by: pod, toHost: host, port: port)
            // Past the proxy or through it, the same leaves.
            if case .bytes(.plaintext, _) = taken { return taken }
            return .unknown(.addressUnknown)
        }
    }

    private func taken(by pod: Pod, toHost host: String, port: Int) -> Sending {
        if let entry = entry(of: pod, forHost: host, port: port) {
            return through(entry, of: pod, host, port)
        }
        guard isRegistryOnly(pod) else { return .bytes(.plaintext, .outsideEgress) }
        return isRegistryUnread ? .unknown(.registryUnread) : .blocked(.registryOnly)
    }

    /// A gateway's routes lead to hosts of the registry alone.
    func fromGateway(_ pod: Pod, toHost host: String, port: Int) -> Sending {
        guard let entry = entry(of: pod, forHost: host, port: port) else {
            return .unknown(isRegistryUnread ? .registryUnread : .gatewayToUnknownHost)
        }
        return through(entry, of: pod, host, port)
    }

    /// ztunnel passes on what it does not know, under REGISTRY_ONLY too (istio issue 54281), and asks for
    /// neither `exportTo` (istio issue 55163) nor `Sidecar`s. An entry may have a waypoint.
    func fromZtunnel(toHost host: String, port: Int) -> Sending {
        let entries = configuration.entries.entries(forHost: host, port: port)
        if entries.contains(where: index.leadsIntoMesh) { return .unknown(.hostInMesh) }
        guard let waypoint = waypoint(toHost: host, port: port) else {
            return .bytes(.plaintext, .hostOutsideMesh)
        }
        return fromGateway(waypoint, toHost: host, port: port)
    }

    private func waypoint(toHost host: String, port: Int) -> Pod? {
        configuration.entries.entries(forHost: host, port: port).lazy
            .compactMap { index.waypoint(of: $0.meta) }.first
    }

    /// Automatic mTLS leaves hosts outside the mesh alone
    /// (istio `pilot/pkg/networking/core/cluster_tls.go:buildUpstreamTLSSettings`).
    private func through(
        _ entry: ServiceEntry, of pod: Pod, _ host: String, _ port: Int
    ) -> Sending {
        if index.leadsIntoMesh(entry) { return .unknown(.hostInMesh) }
        switch rule(of: pod, forHost: host, port: port)?.mode {
        case nil: return .bytes(.plaintext, .hostOutsideMesh)
        case .disable: return .bytes(.plaintext, .destinationRule)
        case .simple, .mutual: return .bytes(.tls, .destinationRule)
        case .istioMutual: return .bytes(.mtls, .destinationRule)
        }
    }

    /// The rule of the Envoy that the client's connection goes through; nil where there is none.
    func rule(from pod: Pod, toHost host: String, port: Int) -> DestinationRuleIndex.TLS? {
        let envoy = pod.outboundPlane == .ambient ? waypoint(toHost: host, port: port) : pod
        return envoy.flatMap { rule(of: $0, forHost: host, port: port) }
    }

    /// A rule holds for what the registry knows: by the host as the entry has it.
    private func rule(of pod: Pod, forHost host: String, port: Int) -> DestinationRuleIndex.TLS? {
        guard let entry = entry(of: pod, forHost: host, port: port),
            let name = entry.name(for: host)
        else { return nil }
        return configuration.rules.tls(
            forPort: port, ofHost: name, in: entry.meta.namespace,
            client: .init(namespace: pod.meta.namespace, labels: pod.meta.labels))
    }

    private func entry(of pod: Pod, forHost host: String, port: Int) -> ServiceEntry? {
        // `Sidecar` resources say nothing to gateways and waypoints.
        let isSidecar = pod.outboundPlane == .sidecar
        return configuration.entries.entry(
            forHost: host, port: port, client: pod.meta.namespace,
            scope: isSidecar ? configuration.scopes.scope(of: pod) : nil)
    }

    private var isRegistryUnread: Bool {
        index.state.flows.unreadable.contains("ServiceEntry")
    }
}

extension FlowIndex {
    /// Whether the entry's hosts are workloads of the mesh: by its own word, or because its endpoints are
    /// pods, or may be.
    func leadsIntoMesh(_ entry: ServiceEntry) -> Bool {
        entry.isMeshInternal || entry.workloadSelector != nil
            || entry.endpoints.contains { pod(withAddress: $0.address) != nil }
    }
}
