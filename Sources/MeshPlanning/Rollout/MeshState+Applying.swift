package import MeshModel

/// The model of a change's effect: what the planner reasons on, and what a confirmed step must look like.
extension MeshState {
    package func applying(_ changes: some Sequence<Change>) -> MeshState {
        var state = self
        for change in changes { state.apply(change) }
        return state
    }

    private mutating func apply(_ change: Change) {
        switch change {
        case .labels(let change): relabel(change)
        case .restart(let change): restart(change)
        case .policy(let change): write(change)
        }
    }

    private mutating func relabel(_ change: NamespaceLabelChange) {
        guard let index = namespaces.firstIndex(where: { $0.name == change.namespace }) else {
            return
        }
        namespaces[index].meta.labels = namespaces[index].meta.labels.setting(change.after)
        let labels = namespaces[index].meta.labels
        for pod in pods.indices where pods[pod].meta.namespace == change.namespace {
            guard pods[pod].isLive, pods[pod].isBoundAndStarted else { continue }
            pods[pod].take(ExpectedDataplane.ofRunningPod(pods[pod], labels: labels))
        }
    }

    private mutating func restart(_ change: WorkloadRestart) {
        let index = WorkloadIndex(self)
        guard let workload = index[change.workload] else { return }
        let labels = namespaces.first { $0.name == change.workload.namespace }?.meta.labels ?? [:]
        let plane = ExpectedDataplane.ofNewPod(
            workload.template, in: change.workload.namespace, labels: labels, revisions: revisions)
        for pod in pods.indices
        where index.controller(of: pods[pod]) == change.workload && pods[pod].isLive {
            pods[pod].take(plane)
        }
    }

    private mutating func write(_ change: PolicyChange) {
        let index = peerAuthentications.firstIndex {
            $0.meta.namespace == change.namespace && $0.meta.name == change.name
        }
        guard let image = change.after else {
            if let index { peerAuthentications.remove(at: index) }
            return
        }
        var meta =
            index.map { peerAuthentications[$0].meta }
            ?? ObjectMeta(name: change.name, namespace: change.namespace)
        meta.labels = image.labels
        meta.annotations = image.annotations
        let policy = PeerAuthentication(
            meta: meta, selector: PolicySpec.selector(of: image.spec),
            mode: PolicySpec.mode(of: image.spec), portModes: PolicySpec.ports(of: image.spec),
            spec: image.spec)
        if let index {
            peerAuthentications[index] = policy
        } else {
            peerAuthentications.append(policy)
            peerAuthentications.sort {
                ($0.meta.namespace, $0.meta.name) < ($1.meta.namespace, $1.meta.name)
            }
        }
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
