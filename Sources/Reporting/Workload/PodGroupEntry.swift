import MeshModel

/// Pods that are alike in all that is told of them.
package struct PodGroupEntry: Encodable, Sendable, Hashable {
    /// `namespace/name`; of a controller without pods `namespace/Kind/name`.
    package var pods: [String]
    /// Whether these are no pods yet, but what the controller would make.
    package var template: Bool
    package var dataPlane: String
    package var injection: WorkloadStatus.InjectionStatus
    package var ambient: WorkloadStatus.AmbientStatus
    /// The data plane of the pod that a restart would put there; null where nothing would make one.
    @OrNull package var onRestart: String?
    /// How proxies may reach it, besides plaintext: `mtls`, `hbone`.
    package var reachedBy: [String]
    package var mtls: EnforcedMode
    package var ztunnelPolicies: [String]
    /// All policies that have, or seem to have, a say, and what becomes of each.
    package var policies: [PolicyChainEntry]
    /// What the mode does not say by itself.
    package var notes: [String]
    package var ports: [ServedPortEntry]

    /// Without its ports.
    ///
    /// - Parameters:
    ///   - controller: the topmost one; nil where it was not read.
    ///   - template: the pod that it would make.
    init(
        _ pod: Pod, controller: Workload?, template: Pod?, namespaceLabels: [String: String],
        decisions: StatusDecisions, chains: PolicyChains
    ) {
        var facts = PodFacts(pod, owner: nil)
        if pod.isTemplate {
            facts = controller.map { PodFacts(templateOf: $0) } ?? facts
        }
        let status = WorkloadStatus(
            facts, namespaceLabels: namespaceLabels, decisions: decisions)
        pods = [pod.name]
        self.template = pod.isTemplate
        dataPlane = pod.dataplane.rawValue
        injection = status.injection
        ambient = status.ambient
        _onRestart = OrNull(
            wrappedValue: template?.dataplane.rawValue ?? Self.onRestart(pod, status))
        reachedBy =
            (pod.takesLegacyMTLS ? [FlowBytes.mtls.rawValue] : [])
            + (pod.takesHBONE ? [FlowBytes.hbone.rawValue] : [])
        mtls = EnforcedMode(
            on: pod.dataplane, namespace: pod.meta.namespace, labels: pod.meta.labels,
            policies: decisions.policies)
        ztunnelPolicies = status.ztunnelPolicies
        policies = chains.chain(of: pod)
        notes =
            EnforcementNotes.of(pod, policies: decisions.policies)
            + (pod.isCapturePending
                ? ["redirected, and ztunnel does not hold it yet: its traffic fails"]
                : [])
        ports = []
    }

    /// Where the controller was not read, by the pod's own labels. A pod without one does not come back.
    private static func onRestart(_ pod: Pod, _ status: WorkloadStatus) -> String? {
        guard pod.owner != nil else { return nil }
        if [.gateway, .waypoint].contains(pod.dataplane) { return pod.dataplane.rawValue }
        if status.injection.onRestart { return PodDataplane.sidecar.rawValue }
        // What keeps it out now is the sidecar, which the new pod would not have.
        let isWanted =
            status.ambient.wanted || status.ambient.reason == AmbientReason.hasSidecar.rawValue
        return (isWanted ? PodDataplane.ambient : .none).rawValue
    }
}

/// A port of the pods of a group.
package struct ServedPortEntry: Encodable, Sendable, Hashable {
    /// The container port; null for all that are not named.
    @OrNull package var port: Int?
    /// What it is declared to speak: `http`, `tcp`, `sniffed`, `undeclared`, `udp`.
    package var declaredAs: String
    /// As the pod's own data plane enforces it; `NONE` where nothing does.
    package var mode: String
    /// Whether the pod's proxy sees the connections.
    package var intercepted: Bool
    /// `namespace/service/name:port` of each Service that leads there now.
    package var services: [String]
    /// How the clients are taken to call it: the first of the Services, else `address`.
    package var via: String
    package var clients: [ClientEntry]

    static let byAddress = "address"
}
