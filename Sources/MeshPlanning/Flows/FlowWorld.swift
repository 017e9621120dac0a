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
            projection.apply(step.change)
        }
        for pod in transition.pods.keys { index.pods[pod] = projection.pod(pod) }
        transition.pods = transition.pods.filter { $0.value != index.pods[$0.key] }
        for name in transition.policies.keys {
            index.configuration.policies.replace(projection.policies(in: name), in: name)
        }
        return transition
    }

    func pods(of workload: WorkloadID) -> [Int] { projection.pods(of: workload) }

    func newPod(of workload: WorkloadID, under labels: [String: String]? = nil) -> Pod? {
        projection.newPod(
            of: workload, under: labels ?? projection.labels(of: workload.namespace))
    }

    /// The configurations that a proxy may hold while these changes are on their way: with each subset of
    /// them. The policies are those that count for servers of one namespace.
    func configurations(
        during transition: Transition, holding changes: [PolicyChange], server namespace: String
    ) -> [FlowConfiguration] {
        guard !changes.isEmpty else { return [index.configuration] }
        let names = Set([namespace, index.state.rootNamespace])
        let before = names.sorted().map { name in
            (name, transition.policies[name] ?? projection.policies(in: name))
        }
        return changes.subsets.map { subset in
            let policies = before.flatMap { name, policies in
                subset.filter { $0.namespace == name }.reduce(policies) { $0.applying($1) }
            }
            var configuration = index.configuration
            configuration.policies = PeerAuthenticationIndex(
                policies, rootNamespace: index.state.rootNamespace)
            return configuration
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
