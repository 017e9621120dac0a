package import MeshModel
import Timing

/// The gates of a mesh as a whole, for `check`: what its rollout would ask, asked now, of everything at once.
///
/// `flows-carried` and `approval` belong to a step, and are not among them.
package struct StandingGates {
    /// In the order of `Gate`.
    package private(set) var questions: [GateQuestion]

    /// - Parameters:
    ///   - plan: whose namespaces are looked at besides those that are in the mesh already; nil for these
    ///     alone.
    ///   - flows: who calls whom.
    ///   - dismissed: flows of which no account is taken: what they send is listed, not counted.
    package init(
        of plan: MeshPlan?, on observed: MeshState, flows: [Flow], dismissed: [Flow] = []
    ) {
        let planned = plan.map { NamespaceResolution($0, in: observed).namespaces } ?? []
        let settings = plan?.gates ?? GateSettings()
        let members = Members(planned, observed)
        let clients = KnownClients(
            FlowGuarantee(flows, on: observed), dismissed: dismissed, on: observed)
        let targets = members.targets(clients)
        questions = [
            .controlPlaneReady(ControlPlaneReady(revisions: members.revisions))
        ]
        if !members.ambient.isEmpty {
            questions.append(.cniReady(CNIReady(namespaces: members.ambient)))
            questions += GateQuestion.ofZtunnel(in: members.ambient, settings)
        }
        questions.append(.dnsReady(DNSReady(settings.dnsReady)))
        if !members.all.isEmpty {
            questions += [
                .enrolled(
                    Enrolled(
                        namespaces: members.all, acceptUnmanaged: planned.acceptedUnmanaged)),
                .workloadsReady(WorkloadsReady(namespaces: members.all)),
            ]
        }
        if !targets.isEmpty {
            questions.append(.noPlaintext(NoPlaintext(targets, settings)))
        }
        questions += settings.probes.filter { $0.expect == .success }.map {
            .probe(ProbeRequest($0))
        }
        questions += settings.prometheus.map { .prometheus(PrometheusQuery($0)) }
        questions.sort { $0.gate.place < $1.gate.place }
    }
}

/// The namespaces that are in the mesh, or are to be.
private struct Members {
    private let state: MeshState
    private let pods: [String: [Pod]]
    private let entries: [String: NamespaceEntry]
    /// Sorted.
    let all: [String]
    let ambient: [String]

    init(_ planned: [ResolvedNamespace], _ state: MeshState) {
        self.state = state
        pods = Dictionary(grouping: state.pods.filter(\.isLive), by: \.meta.namespace)
        entries = Dictionary(
            planned.map { ($0.name, $0.entry) }, uniquingKeysWith: { first, _ in first })
        var (all, ambient) = ([String](), [String]())
        for namespace in state.namespaces {
            let entry = entries[namespace.name]
            let planes = Set((pods[namespace.name] ?? []).map(\.dataplane))
            let isAmbient =
                entry?.dataplane == .ambient || planes.contains(.ambient)
                || namespace.meta.labels[LabelKeys.dataplaneMode] == "ambient"
            let hasSidecars =
                entry?.dataplane == .sidecar || planes.contains(.sidecar)
                || namespace.meta.labels[LabelKeys.injection] == "enabled"
                || namespace.meta.labels[LabelKeys.revision] != nil
            if isAmbient { ambient.append(namespace.name) }
            if isAmbient || hasSidecars { all.append(namespace.name) }
        }
        (self.all, self.ambient) = (all.sorted(), ambient.sorted())
    }

    var revisions: [String] {
        let members = Set(all)
        let found = state.namespaces.filter { members.contains($0.name) }
            .map { $0.meta.labels[LabelKeys.revision] ?? "default" }
        return found.isEmpty ? ["default"] : Set(found).sorted()
    }

    /// Workloads on a data plane that accepts plaintext: who calls them so would be refused under STRICT, but for
    /// the ports that the plan leaves open.
    func targets(_ clients: KnownClients) -> [NoPlaintext.Target] {
        let workloads = WorkloadIndex(state)
        let policies = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace,
            version: state.flows.settings.version)
        var targets: [String: NoPlaintext.Target] = [:]
        for pod in all.flatMap({ pods[$0] ?? [] }) {
            let name = workloads.text(of: pod)
            guard targets[name] == nil,
                let enforced = Enforcement(
                    on: pod.dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                    policies: policies), enforced.mode != .strict
            else { continue }
            targets[name] = clients.target(name, of: pod, openPorts: exceptedPorts(of: pod))
        }
        return targets.values.sorted { $0.workload < $1.workload }
    }

    private func exceptedPorts(of pod: Pod) -> [Int] {
        let exceptions = (entries[pod.meta.namespace]?.exceptions ?? [])
            .filter { $0.selector.matches(pod.meta.labels) }
        return Set(exceptions.flatMap(\.ports).filter { $0.value != .strict }.map(\.key)).sorted()
    }
}
