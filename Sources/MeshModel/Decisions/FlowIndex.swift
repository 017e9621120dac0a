/// A mesh state arranged for judging flows; made once, in time linear in its size.
package struct FlowIndex: Sendable {
    package let state: MeshState
    package let policies: PeerAuthenticationIndex
    package let rules: DestinationRuleIndex
    let scopes: SidecarScopeIndex
    package let workloads: WorkloadIndex
    private let podsByName: [String: Pod]
    private let podsByIP: [String: Pod]
    private let podsByNamespace: [String: [Pod]]
    private let servicesByNamespace: [String: [Service]]
    private let slicesByService: [String: [EndpointSlice]]

    package init(_ state: MeshState) {
        self.state = state
        let flows = state.flows
        let root = state.rootNamespace
        policies = PeerAuthenticationIndex(state.peerAuthentications, rootNamespace: root)
        rules = DestinationRuleIndex(flows.destinationRules, rootNamespace: root)
        scopes = SidecarScopeIndex(flows.sidecarScopes, rootNamespace: root)
        workloads = WorkloadIndex(state)
        podsByName = Dictionary(state.pods.map { ($0.text, $0) }, uniquingKeysWith: { a, _ in a })
        // Host-network pods share their node's address.
        podsByIP = Dictionary(
            state.pods.filter { !$0.ip.isEmpty && !$0.hostNetwork && $0.isLive }
                .map { ($0.ip, $0) }, uniquingKeysWith: { a, _ in a })
        podsByNamespace = Dictionary(grouping: state.pods, by: \.meta.namespace)
        servicesByNamespace = Dictionary(grouping: flows.services, by: \.meta.namespace).mapValues {
            $0.sorted {
                ($0.meta.creationTimestamp, $0.meta.name)
                    < ($1.meta.creationTimestamp, $1.meta.name)
            }
        }
        slicesByService = Dictionary(
            grouping: flows.endpointSlices.filter { $0.serviceName != nil },
            by: { "\($0.meta.namespace)/\($0.serviceName ?? "")" })
    }

    package func pod(_ namespace: String, _ name: String) -> Pod? {
        podsByName["\(namespace)/\(name)"]
    }

    package func pods(in namespace: String) -> [Pod] { podsByNamespace[namespace] ?? [] }

    package func services(in namespace: String) -> [Service] {
        servicesByNamespace[namespace] ?? []
    }

    package func service(_ namespace: String, _ name: String) -> Service? {
        services(in: namespace).first { $0.meta.name == name }
    }

    /// Where one port of a Service leads.
    package struct Endpoint: Sendable, Hashable {
        /// nil for an address that is no known pod's.
        package var pod: Pod?
        package var address: String
        package var port: Int
    }

    /// The ready endpoints of a Service's port: those of its EndpointSlices; without any, the pods that
    /// its selector selects.
    package func endpoints(of service: Service, port: ServicePort) -> [Endpoint] {
        guard let slices = slicesByService[service.meta.text] else {
            return selected(by: service, port: port)
        }
        let found = slices.flatMap { slice -> [Endpoint] in
            guard let number = slice.ports[port.name] else { return [] }
            return slice.endpoints.filter { $0.isReady || service.publishesNotReady }.map {
                let address = $0.addresses.first ?? ""
                let named = $0.podName.flatMap { pod(service.meta.namespace, $0) }
                return Endpoint(pod: named ?? podsByIP[address], address: address, port: number)
            }
        }
        // A dual-stack Service has a slice for each family, with the same pods.
        var seen: Set<String> = []
        return found.filter { seen.insert("\($0.pod?.text ?? $0.address):\($0.port)").inserted }
            .sorted {
                ($0.pod?.text ?? $0.address, $0.port) < ($1.pod?.text ?? $1.address, $1.port)
            }
    }

    package func hasSlices(_ service: Service) -> Bool {
        slicesByService[service.meta.text] != nil
    }

    private func selected(by service: Service, port: ServicePort) -> [Endpoint] {
        guard !service.selector.isEmpty else { return [] }
        let selector = LabelSelector(service.selector)
        return pods(in: service.meta.namespace).compactMap { pod in
            guard pod.isLive, pod.isReady || service.publishesNotReady,
                selector.matches(pod.meta.labels), let number = port.resolved(on: pod)
            else { return nil }
            return Endpoint(pod: pod, address: pod.ip, port: number)
        }
    }

    /// What a pod's port is declared to speak: by the `Sidecar` that has ingress listeners for it, else by
    /// the oldest Service that leads there, else by a ServiceEntry.
    package func declaredProtocol(ofPort port: Int, on pod: Pod) -> PortProtocol {
        if let ingress = scopes.scope(of: pod)?.ingress, !ingress.isEmpty {
            guard let listener = ingress.first(where: { $0.number == port }) else {
                return .undeclared
            }
            return PortProtocol(
                protocolName: listener.protocolName, name: listener.name, number: port)
        }
        for service in services(in: pod.meta.namespace)
        where !service.selector.isEmpty
            && LabelSelector(service.selector).matches(pod.meta.labels)
        {
            for found in service.ports where found.resolved(on: pod) == port {
                let declared = PortProtocol(found)
                if declared != .udp { return declared }
            }
        }
        for entry in state.flows.serviceEntries {
            for found in entry.ports where entry.port(found, on: pod) == port {
                return PortProtocol(
                    protocolName: found.protocolName, name: found.name, number: found.number)
            }
        }
        return .undeclared
    }
}
