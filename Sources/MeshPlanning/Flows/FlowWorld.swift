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
        /// DestinationRules of touched namespaces as they were, and Sidecars.
        var rules: [String: [DestinationRule]] = [:]
        var scopes: [String: [SidecarScope]] = [:]
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
            for name in touched.rules where transition.rules[name] == nil {
                transition.rules[name] = projection.rules(in: name)
            }
            for name in touched.scopes where transition.scopes[name] == nil {
                transition.scopes[name] = projection.scopes(in: name)
            }
            projection.apply(step.change)
        }
        for name in transition.rules.keys {
            index.configuration.rules.replace(projection.rules(in: name), in: name)
        }
        for name in transition.scopes.keys {
            index.configuration.scopes.replace(projection.scopes(in: name), in: name)
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
        during transition: Transition, holding changes: [Change], server namespace: String
    ) -> [FlowConfiguration] {
        guard !changes.isEmpty else { return [index.configuration] }
        let names = Set([namespace, index.state.rootNamespace])
        let before = names.sorted().map { name in
            (name, transition.policies[name] ?? projection.policies(in: name))
        }
        return changes.subsets.map { subset in
            let written = subset.compactMap(\.policy)
            let policies = before.flatMap { name, policies in
                written.filter { $0.namespace == name }.reduce(policies) { $0.applying($1) }
            }
            var configuration = index.configuration
            configuration.policies = PeerAuthenticationIndex(
                policies, rootNamespace: index.state.rootNamespace)
            steer(&configuration, during: transition, all: changes, holding: subset)
            return configuration
        }
    }

    /// Puts the rules and scopes back to what they are with a part of the changes alone.
    private func steer(
        _ configuration: inout FlowConfiguration, during transition: Transition, all: [Change],
        holding subset: [Change]
    ) {
        let held = subset.compactMap(\.traffic)
        for name in Set(all.compactMap(\.traffic).map(\.namespace)) {
            let here = held.filter { $0.namespace == name }
            if let rules = transition.rules[name] {
                configuration.rules.replace(
                    here.filter { $0.kind == .destinationRule }
                        .reduce(rules) { $0.applying($1) }, in: name)
            }
            if let scopes = transition.scopes[name] {
                configuration.scopes.replace(
                    here.filter { $0.kind == .sidecar }.reduce(scopes) { $0.applying($1) },
                    in: name)
            }
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
