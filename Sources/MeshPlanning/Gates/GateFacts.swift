import MeshModel

/// What the gate table has to know of a rollout, batch by batch: who gets stricter, who is enrolled, and in
/// which revisions. It follows the policies as the batches change them.
struct GateFacts {
    private let workloads: WorkloadIndex
    private let clients: KnownClients
    private let rootNamespace: String
    let version: IstioVersion?
    /// Live pods on the data planes that they have once all is done: tightening comes after enrolling.
    private let pods: [String: [Pod]]
    private let labels: [String: [String: String]]
    private let services: [Service]
    private var policies: [String: [PeerAuthentication]]
    /// Workloads whose running pods get into the ambient mesh, by namespace.
    private let captured: [String: Set<String>]

    init(_ observed: MeshState, after changes: [Change], clients: KnownClients) {
        self.clients = clients
        let reached = observed.applying(changes)
        let workloads = WorkloadIndex(observed)
        self.workloads = workloads
        rootNamespace = observed.rootNamespace
        version = observed.flows.settings.version
        pods = Dictionary(grouping: reached.pods.filter(\.isLive), by: \.meta.namespace)
        labels = Dictionary(
            reached.namespaces.map { ($0.name, $0.meta.labels) }, uniquingKeysWith: { a, _ in a })
        services = observed.flows.services
        policies = Dictionary(grouping: observed.peerAuthentications, by: \.meta.namespace)
        let outside = Set(observed.pods.filter { $0.dataplane == .none }.map(\.text))
        captured = pods.mapValues { pods in
            Set(
                pods.filter { $0.dataplane == .ambient && outside.contains($0.text) }
                    .map(workloads.text))
        }
    }

    var isVersionVerified: Bool { version?.isVerified ?? false }

    func isAmbient(_ namespace: String) -> Bool { has(.ambient, in: namespace) }

    func has(_ plane: PodDataplane, in namespace: String) -> Bool {
        pods[namespace]?.contains { $0.dataplane == plane } ?? false
    }

    /// Applies the batch's policies, and says whose ports accept less than before.
    mutating func tightened(by batch: [Step]) -> [Tightening] {
        let changes = batch.compactMap { step in
            if case .policy(let change) = step.change { change } else { nil }
        }
        guard !changes.isEmpty else { return [] }
        let touched = Set(changes.map(\.namespace))
        let namespaces = touched.contains(rootNamespace) ? Set(pods.keys) : touched
        let before = policies
        for change in changes {
            policies[change.namespace] = (policies[change.namespace] ?? []).applying(change)
        }
        return namespaces.sorted().flatMap { targets(in: $0, before: before) }
    }

    private func targets(
        in namespace: String, before: [String: [PeerAuthentication]]
    ) -> [Tightening] {
        let (old, new) = (index(before, namespace), index(policies, namespace))
        var targets: [String: Tightening] = [:]
        for pod in pods[namespace] ?? [] {
            let workload = workloads.text(of: pod)
            guard targets[workload] == nil, let now = enforcement(on: pod, new),
                let was = enforcement(on: pod, old), !now.includes(was)
            else { continue }
            targets[workload] = clients.target(
                workload, of: pod,
                openPorts: now.ports.filter { $0.value != .strict }.keys.sorted()
            ).map { Tightening(target: $0, endsPlaintext: was.endsPlaintext(on: now)) }
        }
        return targets.values.sorted { $0.target.workload < $1.target.workload }
    }

    private func enforcement(
        on pod: Pod, _ policies: PeerAuthenticationIndex
    ) -> AcceptedTraffic? {
        Enforcement(
            on: pod.dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
            policies: policies
        ).map { AcceptedTraffic(mode: $0.mode, ports: $0.ports) }
    }

    private func index(
        _ policies: [String: [PeerAuthentication]], _ namespace: String
    ) -> PeerAuthenticationIndex {
        let scopes = Set([rootNamespace, namespace]).sorted()
        return PeerAuthenticationIndex(
            scopes.flatMap { policies[$0] ?? [] }, rootNamespace: rootNamespace, version: version)
    }

    /// The workloads that answer a probe; nil where the URL does not name a Service with pods.
    func workloads(answering probe: GateSettings.Probe) -> Set<String>? {
        var scanner = HostReferenceScanner()
        scanner.scan(probe.url, place: "")
        guard let host = scanner.references.first else { return nil }
        let namespace = host.namespace ?? probe.namespace
        let service = services.first {
            $0.meta.name == host.service && $0.meta.namespace == namespace
        }
        guard let service, !service.selector.isEmpty else { return nil }
        let selector = LabelSelector(service.selector)
        let found = (pods[namespace] ?? []).filter { selector.matches($0.meta.labels) }
        return found.isEmpty ? nil : Set(found.map(workloads.text))
    }

    /// Namespaces that a batch brings into the ambient mesh, by their own label or their pods'.
    func enrolling(_ batch: [Step]) -> Set<String> {
        Set(
            batch.filter { step in
                switch step.change {
                case .labels(let change): change.after[LabelKeys.dataplaneMode] == "ambient"
                case .restart(let change): change.wants == .ambient
                case .policy, .traffic: false
                }
            }.map(\.change.namespace))
    }

    /// Workloads whose pods a batch brings into the ambient mesh, while they run or by a restart.
    func captured(by batch: [Step]) -> Set<String> {
        var found: Set<String> = []
        for step in batch {
            switch step.change {
            case .labels(let change) where change.after[LabelKeys.dataplaneMode] == "ambient":
                found.formUnion(captured[change.namespace] ?? [])
            case .restart(let change) where change.wants == .ambient:
                found.insert(change.workload.text)
            case .labels, .restart, .policy, .traffic: break
            }
        }
        return found
    }

    /// The guard of a batch: of whom it makes stricter, and whom it captures. nil where it does neither.
    func trafficGuard(of batch: [Step], tightening targets: [Tightening]) -> TrafficGuard? {
        let guarded = captured(by: batch).union(targets.map(\.target.workload)).sorted()
        guard let first = batch.first, !guarded.isEmpty else { return nil }
        return TrafficGuard(batch: first.batch, targets: guarded.map(clients.guarded))
    }

    /// nil where nothing restarts to get a sidecar.
    func injectable(_ batch: [Step]) -> Injectable? {
        let restarts = batch.compactMap { step -> WorkloadID? in
            guard case .restart(let change) = step.change, change.wants == .sidecar else {
                return nil
            }
            return change.workload
        }
        return restarts.isEmpty ? nil : Injectable(workloads: restarts.sorted(), labels: [:])
    }

    /// The control planes that have to take the batch in, or to inject.
    func revisions(of batch: [Step]) -> [String] {
        let found = batch.map { labels[$0.change.namespace]?[LabelKeys.revision] ?? "default" }
        return Set(found).sorted()
    }
}

/// A workload that a batch makes stricter.
struct Tightening {
    var target: NoPlaintext.Target
    /// Whether plaintext is what it takes no longer.
    var endsPlaintext: Bool

    var namespace: String { String(target.workload.prefix { $0 != "/" }) }
}
