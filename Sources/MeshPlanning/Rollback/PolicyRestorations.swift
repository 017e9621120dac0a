import MeshModel

/// The ways back of all policies, in the batches of each phase.
struct PolicyRestorations {
    private(set) var relax: [Change] = []
    private(set) var remove: [Change] = []
    /// Batches in order. Who speaks for itself comes before the scope that it would inherit from, who will
    /// inherit comes after it: exceptions, namespaces, the mesh, then back down.
    private(set) var retighten: [[Change]] = []

    /// What a policy speaks for, from the widest to the narrowest.
    private enum Scope: Int, CaseIterable { case mesh, namespace, workloads }

    init(_ policies: [RestorableObjects.Policy], in state: MeshState) {
        let now = InheritedModes(state)
        var relaxed = now
        var finally = now
        for policy in policies {
            finally.set(
                policy.effect.before, namespace: policy.effect.namespace, name: policy.effect.name)
        }
        let scopes = Dictionary(grouping: policies) {
            Self.scope(of: $0, rootNamespace: state.rootNamespace)
        }
        var upwards: [[Change]] = []
        var downwards: [[Change]] = []
        for scope in Scope.allCases {
            var here: (relax: [PolicyChange], up: [Change], down: [Change]) = ([], [], [])
            for policy in scopes[scope] ?? [] {
                func inherited(_ modes: InheritedModes) -> MTLSMode {
                    scope == .workloads
                        ? modes.modeForWorkloads(in: policy.effect.namespace)
                        : modes.mode(
                            in: policy.effect.namespace, withoutWide: policy.effect.name)
                }
                let restoration = PolicyRestoration(
                    policy,
                    inherited: PolicyRestoration.Inherited(
                        now: inherited(now), relaxed: inherited(relaxed),
                        finally: inherited(finally)))
                if let change = restoration.relax { here.relax.append(change) }
                if let change = restoration.remove { remove.append(.policy(change)) }
                if let change = restoration.retighten {
                    restoration.restsOnScopeAbove
                        ? here.down.append(.policy(change)) : here.up.append(.policy(change))
                }
            }
            // Only the scopes below look at it, never those beside it.
            for change in here.relax {
                relaxed.set(change.after, namespace: change.namespace, name: change.name)
            }
            relax += here.relax.map(Change.policy)
            upwards.insert(here.up, at: 0)
            downwards.append(here.down)
        }
        retighten = upwards + downwards
    }

    private static func scope(
        of policy: RestorableObjects.Policy, rootNamespace: String
    ) -> Scope {
        let image = policy.effect.before ?? policy.now.map { PolicyImage($0) }
        if image?.selectsWorkloads ?? false { return .workloads }
        return policy.effect.namespace == rootNamespace ? .mesh : .namespace
    }
}
