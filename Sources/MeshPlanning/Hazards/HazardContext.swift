package import MeshModel

/// What hazards look at: the plan, the mesh as it is and as the rollout leaves it, and who calls whom.
package struct HazardContext: Sendable {
    /// Without its mesh-wide wish where the rollout is limited to waves.
    package let plan: MeshPlan
    /// Those of the rollout's waves.
    package let namespaces: [ResolvedNamespace]
    package let observed: MeshState
    /// After the last step of the plan. A rollout may end with an earlier stage, but what the plan says is
    /// about its end.
    package let reached: MeshState
    package let rollout: Rollout
    /// The required and the doubtful flows, without those that were dismissed.
    package let flows: [Flow]
    /// Flows that break in every order, which blocks the plan. They are told already and not among `flows`.
    package let broken: [FlowBreak]
    /// `observed` and `reached`, arranged for judging.
    package let now: FlowIndex
    package let then: FlowIndex
    /// The pods of `reached`, by what runs them.
    package let servers: ServerIndex
    /// nil where it is not known: nothing has then expired.
    package let today: CalendarDate?
    /// Whether an exception past its date blocks the plan.
    package let strictExpiry: Bool

    private let entries: [String: NamespaceEntry]
    private let limit: WaveLimit

    /// - Parameters:
    ///   - namespaces: those of the whole plan.
    ///   - end: the changes of all stages; nil for those of the rollout.
    ///   - limit: what the rollout is limited to.
    package init(
        plan: MeshPlan, namespaces: [ResolvedNamespace], observed: MeshState, rollout: Rollout,
        through end: [Change]? = nil, within limit: WaveLimit = .everything, flows: [Flow],
        broken: [FlowBreak] = [], today: CalendarDate? = nil, strictExpiry: Bool = false
    ) {
        var asked = plan
        if !limit.isEverything { asked.mesh.mtls = nil }
        self.plan = asked
        self.namespaces = namespaces.filter { limit.includes($0.entry.wave) }
        self.limit = limit
        self.observed = observed
        self.rollout = rollout
        self.flows = flows
        self.broken = broken
        self.today = today
        self.strictExpiry = strictExpiry
        reached = observed.applying(end ?? rollout.steps.map(\.change))
        now = FlowIndex(observed)
        then = FlowIndex(reached)
        servers = ServerIndex(reached, workloads: then.workloads)
        entries = Dictionary(
            namespaces.map { ($0.name, $0.entry) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a broken flow tells already what a rule makes the clients of a Service's port send.
    func isTold(_ service: Service, _ port: ServicePort) -> Bool {
        let server = Flow.Server.service(
            namespace: service.meta.namespace, name: service.meta.name, port: port.number)
        return broken.contains {
            $0.flow.server == server && $0.after.sentBecause == .destinationRule
        }
    }

    /// The plan entry that speaks about a namespace.
    package func entry(of namespace: String) -> NamespaceEntry? { entries[namespace] }

    /// That entry, where the rollout carries it out.
    package func entryCarriedOut(in namespace: String) -> NamespaceEntry? {
        entries[namespace].flatMap { limit.includes($0.wave) ? $0 : nil }
    }
}
