package import MeshModel

/// What hazards look at: the plan, the mesh as it is and as the rollout leaves it, and who calls whom.
package struct HazardContext: Sendable {
    package let plan: MeshPlan
    package let namespaces: [ResolvedNamespace]
    package let observed: MeshState
    /// After the last step of the rollout.
    package let reached: MeshState
    package let rollout: Rollout
    /// The required and the doubtful flows, without those that were dismissed.
    package let flows: [Flow]
    /// `observed` and `reached`, arranged for judging.
    package let now: FlowIndex
    package let then: FlowIndex

    package init(
        plan: MeshPlan, namespaces: [ResolvedNamespace], observed: MeshState, rollout: Rollout,
        flows: [Flow]
    ) {
        self.plan = plan
        self.namespaces = namespaces
        self.observed = observed
        self.rollout = rollout
        self.flows = flows
        reached = observed.applying(rollout.steps.map(\.change))
        now = FlowIndex(observed)
        then = FlowIndex(reached)
    }

    /// The plan entry that speaks about a namespace.
    package func entry(of namespace: String) -> NamespaceEntry? {
        namespaces.first { $0.name == namespace }?.entry
    }
}
