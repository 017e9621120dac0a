/// A mesh state arranged for judging flows; made once, in time linear in its size.
package struct FlowIndex: Sendable {
    /// As it was when the index was made; `pods` and `configuration` follow later changes.
    package let state: MeshState
    package var configuration: FlowConfiguration
    package let workloads: WorkloadIndex
    /// In the order of the state. A pod that is put in another's place keeps its name and address.
    package var pods: [Pod]
    private let podsByName: [String: Int]
    private let podsByIP: [String: Int]
    private let podsByNamespace: [String: [Int]]
    private let namespaces: [String: Namespace]
    private let servicesByNamespace: [String: [Service]]
    private let slicesByService: [String: [EndpointSlice]]

    package init(_ state: MeshState) {
        self.state = state
        let flows = state.flows
        configuration = FlowConfiguration(
            policies: state.peerAuthentications, rules: flows.destinationRules,
            scopes: flows.sidecarScopes, entries: flows.serviceEntries,
            rootNamespace: state.rootNamespace,
            version: flows.settings.version)
        workloads = WorkloadIndex(state)
        pods = state.pods
        let numbered = state.pods.enumerated()
        podsByName = Dictionary(
            numbered.map { ($1.text, $0) }, uniquingKeysWith: { first, _ in first })
        // Host-network pods share their node's address.
        podsByIP = Dictionary(
            numbered.filter { !$1.ip.isEmpty && !$1.hostNetwork && $1.isLive }.map { ($1.ip, $0) },
            uniquingKeysWith: { first, _ in first })
        podsByNamespace = Dictionary(grouping: numbered, by: \.element.meta.namespace)
            .mapValues { $0.map(\.offset) }
        namespaces = Dictionary(
            state.namespaces.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
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

    package var policies: PeerAuthenticationIndex { configuration.policies }

    package func pod(_ namespace: String, _ name: String) -> Pod? {
        number(of: "\(namespace)/\(name)").map { pods[$0] }
    }

    /// Where in `pods` a pod is, by `namespace/name`.
    package func number(of pod: String) -> Int? { podsByName[pod] }

    /// The pod whose own address this is.
    package func pod(withAddress address: String) -> Pod? { podsByIP[address].map { pods[$0] } }

    package func pods(in namespace: String) -> [Pod] {
        (podsByNamespace[namespace] ?? []).map { pods[$0] }
    }

    package func namespace(_ name: String) -> Namespace? { namespaces[name] }

    package func services(in namespace: String) -> [Service] {
        servicesByNamespace[namespace] ?? []
    }

    package func service(_ namespace: String, _ name: String) -> Service? {
        services(in: namespace).first { $0.meta.name == name }
    }

    /// Where the control plane's static pods show it; hosted control planes show none.
    package var apiServerNodes: Set<String> {
        Set(
            pods(in: "kube-system").filter {
                $0.isLive && $0.meta.labels["component"] == "kube-apiserver"
            }.map(\.nodeName))
    }

    /// Where one port of a Service leads.
    package struct Endpoint: Sendable, Hashable {
        /// nil for an address that is no known pod's.
        package var pod: Pod?
        package var address: String
        package var port: Int

        package init(pod: Pod?, address: String, port: Int) {
            self.pod = pod
            self.address = address
            self.port = port
        }
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
                let found = named ?? podsByIP[address].map { pods[$0] }
                return Endpoint(pod: found, address: address, port: number)
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
    package func declaredProtocol(
        ofPort port: Int, on pod: Pod, scopes: SidecarScopeIndex? = nil
    ) -> PortProtocol {
        if let ingress = (scopes ?? configuration.scopes).scope(of: pod)?.ingress, !ingress.isEmpty
        {
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
