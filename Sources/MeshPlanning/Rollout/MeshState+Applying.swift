package import MeshModel

/// The model of a change's effect: what the planner reasons on, and what a confirmed step must look like.
extension MeshState {
    package func applying(_ changes: some Sequence<Change>) -> MeshState {
        var projection = MeshProjection(self)
        for change in changes { projection.apply(change) }
        return projection.projected
    }
}

/// A state that changes are applied to one after the other, each in time that its own objects take.
private struct MeshProjection {
    private struct PolicyKey: Hashable {
        var namespace: String
        var name: String
    }

    private var state: MeshState
    private let workloads: WorkloadIndex
    private var namespaces: [String: Int] = [:]
    private var podsByNamespace: [String: [Int]] = [:]
    private var podsByWorkload: [WorkloadID: [Int]] = [:]
    private var workloadsByID: [WorkloadID: Int] = [:]
    private var policies: [PolicyKey: PeerAuthentication] = [:]
    private var policiesChanged = false
    private var traffic: TrafficProjection

    init(_ state: MeshState) {
        self.state = state
        workloads = WorkloadIndex(state)
        traffic = TrafficProjection(state.flows)
        for (index, namespace) in state.namespaces.enumerated() {
            namespaces[namespace.name] = index
        }
        for (index, pod) in state.pods.enumerated() {
            podsByNamespace[pod.meta.namespace, default: []].append(index)
            if let id = workloads.controller(of: pod) {
                podsByWorkload[id, default: []].append(index)
            }
        }
        for (index, workload) in state.workloads.enumerated() { workloadsByID[workload.id] = index }
        for policy in state.peerAuthentications {
            policies[PolicyKey(namespace: policy.meta.namespace, name: policy.meta.name)] = policy
        }
    }

    var projected: MeshState {
        var projected = state
        projected.flows = traffic.projected
        guard policiesChanged else { return projected }
        projected.peerAuthentications = policies.values.sorted {
            ($0.meta.namespace, $0.meta.name) < ($1.meta.namespace, $1.meta.name)
        }
        return projected
    }

    mutating func apply(_ change: Change) {
        switch change {
        case .labels(let change): relabel(change)
        case .restart(let change): restart(change)
        case .policy(let change): write(change)
        case .traffic(let change): traffic.write(change)
        }
    }

    private mutating func relabel(_ change: NamespaceLabelChange) {
        guard let index = namespaces[change.namespace] else { return }
        let labels = state.namespaces[index].meta.labels.setting(change.after)
        state.namespaces[index].meta.labels = labels
        for pod in podsByNamespace[change.namespace] ?? []
        where state.pods[pod].isLive && state.pods[pod].isBoundAndStarted {
            state.pods[pod].take(ExpectedDataplane.ofRunningPod(state.pods[pod], labels: labels))
        }
    }

    private mutating func restart(_ change: WorkloadRestart) {
        guard let index = workloadsByID[change.workload] else { return }
        if let label = change.templateLabel {
            state.workloads[index].template.labels[label.key] = label.after
        }
        let template = state.workloads[index].template
        let namespace = change.workload.namespace
        let labels = namespaces[namespace].map { state.namespaces[$0].meta.labels } ?? [:]
        let plane = ExpectedDataplane.ofNewPod(
            template, in: namespace, labels: labels, revisions: state.revisions)
        for pod in podsByWorkload[change.workload] ?? [] where state.pods[pod].isLive {
            if let label = change.templateLabel {
                state.pods[pod].meta.labels[label.key] = label.after
            }
            state.pods[pod].take(plane)
        }
    }

    private mutating func write(_ change: PolicyChange) {
        policiesChanged = true
        let key = PolicyKey(namespace: change.namespace, name: change.name)
        guard let image = change.after else {
            policies[key] = nil
            return
        }
        var meta =
            policies[key]?.meta ?? ObjectMeta(name: change.name, namespace: change.namespace)
        meta.labels = image.labels
        meta.annotations = image.annotations
        policies[key] = PeerAuthentication(
            meta: meta, selector: PolicySpec.selector(of: image.spec),
            mode: PolicySpec.mode(of: image.spec), portModes: PolicySpec.ports(of: image.spec),
            spec: image.spec)
    }
}

extension Pod {
    /// Puts the pod into a data plane, as injection or istio-cni leave it.
    fileprivate mutating func take(_ plane: PodDataplane) {
        guard plane != dataplane, dataplane != .gateway, dataplane != .waypoint else { return }
        containers.removeAll { $0.name == "istio-proxy" }
        initContainers.removeAll { $0.name == "istio-proxy" }
        meta.annotations[LabelKeys.sidecarStatus] = nil
        meta.annotations[LabelKeys.ambientRedirection] = nil
        switch plane {
        case .sidecar:
            containers.append(Container(name: "istio-proxy"))
            meta.annotations[LabelKeys.sidecarStatus] = "{}"
        case .ambient:
            meta.annotations[LabelKeys.ambientRedirection] = "enabled"
        case .none, .gateway, .waypoint:
            break
        }
    }
}
