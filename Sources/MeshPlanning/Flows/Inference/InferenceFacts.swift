import MeshModel

/// A mesh state arranged for the rules, in time linear in its size.
struct InferenceFacts {
    let state: MeshState
    /// The workloads that no read workload owns.
    let topmost: [Workload]
    let workloads: WorkloadIndex
    /// The namespaces whose data plane the plan decides, with the labels that they are to have.
    private let targets: [String: [String: String]]
    private let labels: [String: [String: String]]
    private let servicesByName: [String: Service]
    /// Places in `topmost` by one label of the template, `key=value`, with its namespace and without.
    private let byLabel: [String: [Int]]

    init(_ state: MeshState, plan: MeshPlan) {
        self.state = state
        workloads = WorkloadIndex(state)
        targets = Self.targets(of: plan, in: state)
        labels = Dictionary(
            state.namespaces.map { ($0.name, $0.meta.labels) }, uniquingKeysWith: { a, _ in a })
        servicesByName = Dictionary(
            state.flows.services.map { ("\($0.meta.namespace)/\($0.meta.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        topmost = state.topmostWorkloads
        var byLabel: [String: [Int]] = [:]
        for (place, workload) in topmost.enumerated() {
            for (key, value) in workload.template.labels {
                byLabel["\(key)=\(value)", default: []].append(place)
                byLabel["\(workload.meta.namespace)/\(key)=\(value)", default: []].append(place)
            }
        }
        self.byLabel = byLabel
    }

    func service(_ namespace: String, _ name: String) -> Service? {
        servicesByName["\(namespace)/\(name)"]
    }

    /// The Service's port that a backend means; nil where there is none, or one would have to guess.
    func target(_ backend: ServiceBackend) -> Flow.Server? {
        guard let service = service(backend.namespace, backend.name) else { return nil }
        let port =
            switch backend.port {
            case .number(let number): service.port(number)
            case .name(let name): service.ports.first { $0.name == name }
            case .only: service.ports.count == 1 ? service.ports.first : nil
            }
        return port.map {
            .service(namespace: backend.namespace, name: backend.name, port: $0.number)
        }
    }

    /// Whose pods have all these labels, in one namespace or in any; nobody's have none.
    func workloads(
        labelled labels: [String: String], in namespace: String? = nil
    ) -> [Workload] {
        let prefix = namespace.map { "\($0)/" } ?? ""
        let places = labels.map { byLabel["\(prefix)\($0.key)=\($0.value)"] ?? [] }
        // The rarest label leaves the fewest to look at.
        guard let fewest = places.min(by: { $0.count < $1.count }) else { return [] }
        let selector = LabelSelector(labels)
        return fewest.map { topmost[$0] }.filter { selector.matches($0.template.labels) }
    }

    /// Whose pods the Service's selector selects.
    func workloads(behind service: Service) -> [Workload] {
        workloads(labelled: service.selector, in: service.meta.namespace)
    }

    /// The labels that the namespace has in the end.
    func finalLabels(of namespace: String) -> [String: String] {
        targets[namespace] ?? labels[namespace] ?? [:]
    }

    func isDataplaneDecided(in namespace: String) -> Bool { targets[namespace] != nil }

    private static func targets(
        of plan: MeshPlan, in state: MeshState
    ) -> [String: [String: String]] {
        let decided = NamespaceResolution(plan, in: state).namespaces
            .filter { $0.entry.dataplane != nil }
        return Dictionary(
            decided.map { resolved in
                var labels = resolved.namespace.meta.labels
                for (key, value) in EnrolmentTarget.labels(for: resolved) { labels[key] = value }
                return (resolved.name, labels)
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension MeshState {
    /// The workloads that no read workload owns. An owner of another kind, as an operator's resource, does
    /// not count.
    var topmostWorkloads: [Workload] {
        workloads.filter { $0.owner.flatMap { WorkloadKind(rawValue: $0.kind) } == nil }
    }
}

extension Service {
    /// UDP is carried whatever policies say, so nobody asks about it.
    var judgedPorts: [ServicePort] { ports.filter { $0.transport != "UDP" } }
}
