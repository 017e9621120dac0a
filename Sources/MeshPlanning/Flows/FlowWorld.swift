import MeshModel

/// The mesh on its way through a rollout, arranged for judging flows. Changed in place: a step costs what
/// it touches, not what there is.
struct FlowWorld {
    private var projection: MeshProjection
    private(set) var index: FlowIndex

    init(_ state: MeshState) {
        projection = MeshProjection(state)
        index = FlowIndex(state)
    }

    /// What steps that run together changed, with what was there before.
    struct Transition {
        var steps: [Step]
        /// Touched pods as they were.
        var pods: [Int: Pod] = [:]
        /// Labels of touched namespaces as they were.
        var labels: [String: [String: String]] = [:]
        /// Policies of touched namespaces as they were.
        var policies: [String: [PeerAuthentication]] = [:]
        /// DestinationRules, Sidecars and ServiceEntries of touched namespaces as they were.
        var rules: [String: [DestinationRule]] = [:]
        var scopes: [String: [SidecarScope]] = [:]
        var entries: [String: [ServiceEntry]] = [:]
    }

    func touched(by change: Change) -> MeshProjection.Touched { projection.touched(by: change) }

    mutating func apply(_ steps: [Step]) -> Transition {
        var transition = Transition(steps: steps)
        for step in steps {
            let touched = projection.touched(by: step.change)
            for pod in touched.pods where transition.pods[pod] == nil {
                transition.pods[pod] = projection.pod(pod)
            }
            for name in touched.labels where transition.labels[name] == nil {
                transition.labels[name] = projection.labels(of: name)
            }
            for name in touched.policies where transition.policies[name] == nil {
                transition.policies[name] = projection.policies(in: name)
            }
            for name in touched.traffic where transition.rules[name] == nil {
                transition.rules[name] = projection.rules(in: name)
                transition.scopes[name] = projection.scopes(in: name)
                transition.entries[name] = projection.entries(in: name)
            }
            projection.apply(step.change)
        }
        for pod in transition.pods.keys { index.pods[pod] = projection.pod(pod) }
        transition.pods = transition.pods.filter { $0.value != index.pods[$0.key] }
        for name in transition.policies.keys {
            index.configuration.policies.replace(projection.policies(in: name), in: name)
        }
        for name in transition.rules.keys {
            index.configuration.rules.replace(projection.rules(in: name), in: name)
            index.configuration.scopes.replace(projection.scopes(in: name), in: name)
            index.configuration.entries.replace(projection.entries(in: name), in: name)
        }
        return transition
    }

    func rules(in namespace: String) -> [DestinationRule] { projection.rules(in: namespace) }

    func pods(of workload: WorkloadID) -> [Int] { projection.pods(of: workload) }

    func newPod(of workload: WorkloadID, under labels: [String: String]? = nil) -> Pod? {
        projection.newPod(
            of: workload, under: labels ?? projection.labels(of: workload.namespace))
    }

    /// The configurations that a proxy may hold while these changes are on their way: with each subset of
    /// them. They hold what counts in these namespaces, of which the root namespace is one.
    func configurations(
        during transition: Transition, holding changes: [Change], in namespaces: Set<String>
    ) -> [FlowConfiguration] {
        guard !changes.isEmpty else { return [index.configuration] }
        let root = index.state.rootNamespace
        let names = namespaces.union([root]).sorted()
        let policies = names.map { ($0, transition.policies[$0] ?? projection.policies(in: $0)) }
        let rules = names.map { ($0, transition.rules[$0] ?? projection.rules(in: $0)) }
        let scopes = names.map { ($0, transition.scopes[$0] ?? projection.scopes(in: $0)) }
        let entries = names.map { ($0, transition.entries[$0] ?? projection.entries(in: $0)) }
        return changes.subsets.map { subset in
            FlowConfiguration(
                policies: policies.flatMap { $1.applying(subset, in: $0) },
                rules: rules.flatMap { $1.applying(subset, .destinationRule, in: $0) },
                scopes: scopes.flatMap { $1.applying(subset, .sidecar, in: $0) },
                entries: entries.flatMap { $1.applying(subset, .serviceEntry, in: $0) },
                rootNamespace: root, version: index.policies.version)
        }
    }
}

extension [PeerAuthentication] {
    fileprivate func applying(_ changes: [Change], in namespace: String) -> Self {
        changes.reduce(self) { policies, change in
            guard case .policy(let change) = change, change.namespace == namespace else {
                return policies
            }
            return policies.applying(change)
        }
    }
}

extension Array where Element: SpecifiedObject {
    fileprivate func applying(
        _ changes: [Change], _ kind: TrafficKind, in namespace: String
    ) -> Self {
        changes.reduce(self) { objects, change in
            guard case .traffic(let change) = change, change.namespace == namespace,
                change.kind == kind
            else { return objects }
            return objects.applying(change)
        }
    }
}

extension Array {
    /// All subsets up to six elements; of more, none, each alone, all but each, and all.
    fileprivate var subsets: [[Element]] {
        guard count > 6 else {
            return (0..<(1 << count)).map { mask in
                indices.filter { mask & (1 << $0) != 0 }.map { self[$0] }
            }
        }
        let alone = map { [$0] }
        let allBut = indices.map { skipped in
            indices.filter { $0 != skipped }.map { self[$0] }
        }
        return [[], self] + alone + allBut
    }
}
