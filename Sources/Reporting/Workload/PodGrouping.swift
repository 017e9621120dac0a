import MeshModel

/// Puts pods that are alike together, and judges each kind of client once for a group.
struct PodGrouping {
    /// Which ports are asked for.
    enum Wanted {
        case known
        case container(Int)
        /// Those that these ports of the Service lead to.
        case service(Service, [ServicePort])
    }

    /// A Service's port that leads to a pod now.
    private struct Route {
        var service: Service
        var port: ServicePort
        var containerPort: Int

        var text: String { "\(service.meta.namespace)/service/\(service.meta.name):\(port.number)" }
    }

    private let index: FlowIndex
    private let wanted: Wanted
    private let chains: PolicyChains
    private var routes: [String: [Route]] = [:]
    private(set) var entries: [PodGroupEntry] = []

    init(_ pods: [Pod], index: FlowIndex, wanted: Wanted) {
        self.index = index
        self.wanted = wanted
        chains = PolicyChains(index.policies)
        routes = Self.routes(to: pods, index: index, wanted: wanted)
        let labels = Dictionary(
            index.state.namespaces.map { ($0.name, $0.meta.labels) },
            uniquingKeysWith: { first, _ in first })
        let decisions = StatusDecisions(index.state)
        var templates: [WorkloadID: Pod] = [:]
        var places: [PodGroupEntry: Int] = [:]
        var groups: [(first: Pod, entry: PodGroupEntry)] = []
        for pod in pods {
            let controller = index.workloads.controller(of: pod).flatMap { index.workloads[$0] }
            if let controller, templates[controller.id] == nil {
                templates[controller.id] = Pod(templateOf: controller, in: index.state)
            }
            var entry = PodGroupEntry(
                pod, controller: controller, template: controller.flatMap { templates[$0.id] },
                namespaceLabels: labels[pod.meta.namespace] ?? [:], decisions: decisions,
                chains: chains)
            entry.ports = ports(of: pod, entry.mtls)
            if case .container(let number) = wanted, let note = note(on: number, of: pod) {
                entry.notes.append(note)
            }
            let names = entry.pods
            entry.pods = []
            if let place = places[entry] {
                groups[place].entry.pods += names
            } else {
                places[entry] = groups.count
                entry.pods = names
                groups.append((pod, entry))
            }
        }
        entries = groups.map { pod, entry in
            var entry = entry
            let known = Set(entry.ports.compactMap(\.port))
            for place in entry.ports.indices {
                let number = entry.ports[place].port ?? (1...).first { !known.contains($0) } ?? 1
                entry.ports[place].clients = ClientKind.allCases.map {
                    client($0, to: pod, port: number)
                }
            }
            return entry
        }
    }

    // MARK: - Ports

    private static func routes(
        to pods: [Pod], index: FlowIndex, wanted: Wanted
    ) -> [String: [Route]] {
        let asked = Set(pods.map(\.text))
        var candidates: [(Service, [ServicePort])] = []
        if case .service(let service, let ports) = wanted {
            candidates = [(service, ports)]
        } else {
            for namespace in Set(pods.map(\.meta.namespace)).sorted() {
                candidates += index.services(in: namespace).filter { service in
                    let selector = LabelSelector(service.selector)
                    return service.selector.isEmpty
                        ? index.hasSlices(service)
                        : pods.contains { selector.matches($0.meta.labels) }
                }.map { ($0, $0.ports) }
            }
        }
        var routes: [String: [Route]] = [:]
        for (service, ports) in candidates {
            for port in ports {
                for endpoint in index.endpoints(of: service, port: port) {
                    guard let pod = endpoint.pod, asked.contains(pod.text) else { continue }
                    routes[pod.text, default: []].append(
                        Route(service: service, port: port, containerPort: endpoint.port))
                }
            }
        }
        return routes
    }

    private func ports(of pod: Pod, _ mtls: EnforcedMode) -> [ServedPortEntry] {
        let routed = (routes[pod.text] ?? []).map(\.containerPort)
        switch wanted {
        case .service:
            return Set(routed).sorted().map { port($0, of: pod, mtls) }
        case .container(let number):
            return [port(number, of: pod, mtls)]
        case .known:
            let declared = declaredPorts(of: pod)
            let excluded =
                pod.dataplane == .sidecar
                ? Interception.excludedInboundPorts(of: pod).subtracting(Self.agentPorts) : []
            let numbers = Set(routed + declared + mtls.ports.keys.compactMap { Int($0) })
                .union(excluded)
            return numbers.sorted().map { port($0, of: pod, mtls) } + [port(nil, of: pod, mtls)]
        }
    }

    private func declaredPorts(of pod: Pod) -> [Int] {
        (pod.containers + pod.initContainers).filter { $0.name != "istio-proxy" }
            .flatMap(\.ports).map(\.number)
    }

    /// A Service's port is easily taken for the container's, and policies are by the container's.
    private func note(on number: Int, of pod: Pod) -> String? {
        let routes = routes[pod.text] ?? []
        // A template's containers are not read.
        guard !pod.isTemplate, !declaredPorts(of: pod).contains(number),
            !routes.contains(where: { $0.containerPort == number })
        else { return nil }
        let meant = routes.first { $0.port.number == number }.map {
            "; by \($0.text) it is port \($0.containerPort) that is called"
        }
        return "no container declares port \(number) and no Service leads to it\(meant ?? "")"
    }

    /// Always out of the redirection: metrics and health of the proxy itself.
    private static let agentPorts: Set<Int> = [15020, 15021, 15090]

    private func port(_ number: Int?, of pod: Pod, _ mtls: EnforcedMode) -> ServedPortEntry {
        let services = (routes[pod.text] ?? []).filter { $0.containerPort == number }.map(\.text)
        let isTaken =
            switch pod.dataplane {
            case .sidecar: Interception.takesInbound(port: number ?? 1, of: pod)
            case .ambient, .gateway, .waypoint: true
            case .none: false
            }
        let isOpen = pod.dataplane == .sidecar && !isTaken
        return ServedPortEntry(
            port: number,
            declaredAs: (number.map { index.declaredProtocol(ofPort: $0, on: pod) } ?? .undeclared)
                .rawValue,
            mode: isOpen
                ? EnforcedMode.none : number.flatMap { mtls.ports[String($0)] } ?? mtls.mode,
            intercepted: isTaken, services: services.uniqued,
            via: services.first ?? ServedPortEntry.byAddress,
            clients: [])
    }

    // MARK: - Clients

    private func client(_ kind: ClientKind, to pod: Pod, port: Int) -> ClientEntry {
        let route = (routes[pod.text] ?? []).first { $0.containerPort == port }
        var target = FlowTarget.pod(pod, port: port)
        if let route, kind.hasProxy || route.port.transport == "UDP" {
            target = .service(route.service, route.port)
        }
        let endpoints = index.endpoints(of: target)
        let endpoint = endpoints.first { $0.pod?.text == pod.text && $0.port == port }
        let verdict =
            endpoint.map {
                FlowJudge(index).judge(
                    kind.client(of: pod), to: target, at: $0, knownAs: $0, peers: endpoints)
            }
            ?? FlowVerdict(
                sent: .plaintext, sentBecause: nil, outcome: .unknown, reason: .noEndpoints)
        let denying = ZtunnelPolicies.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: index.policies)
        return ClientEntry(
            kind, verdict,
            seenAs: FlowSymptoms.of(
                verdict, client: kind.plane, server: pod.dataplane, policies: denying.references,
                isHTTP: index.declaredProtocol(ofPort: port, on: pod) != .tcp))
    }
}
