import MeshModel

/// A state that changes are applied to one after the other, each in time that its own objects take.
struct MeshProjection {
    /// What a change touched: pods by their place in the state, namespaces by name.
    struct Touched {
        var pods: Set<Int> = []
        var labels: Set<String> = []
        var policies: Set<String> = []
        var traffic: Set<String> = []
    }

    private var state: MeshState
    private let workloads: WorkloadIndex
    private var namespaces: [String: Int] = [:]
    private var podsByNamespace: [String: [Int]] = [:]
    private var podsByWorkload: [WorkloadID: [Int]] = [:]
    private var workloadsByID: [WorkloadID: Int] = [:]
    private var policies: [String: [PeerAuthentication]]
    private var policiesChanged = false
    private var traffic: TrafficProjection

    init(_ state: MeshState) {
        self.state = state
        workloads = WorkloadIndex(state)
        policies = Dictionary(grouping: state.peerAuthentications, by: \.meta.namespace)
        traffic = TrafficProjection(state.flows)
        for (index, workload) in state.workloads.enumerated() { workloadsByID[workload.id] = index }
        for (index, namespace) in state.namespaces.enumerated() {
            namespaces[namespace.name] = index
        }
        for (index, pod) in state.pods.enumerated() {
            podsByNamespace[pod.meta.namespace, default: []].append(index)
            if let id = workloads.controller(of: pod) {
                podsByWorkload[id, default: []].append(index)
            }
        }
    }

    var projected: MeshState {
        var projected = state
        projected.flows = traffic.projected
        guard policiesChanged else { return projected }
        projected.peerAuthentications = policies.values.flatMap(\.self).sorted {
            ($0.meta.namespace, $0.meta.name) < ($1.meta.namespace, $1.meta.name)
        }
        return projected
    }

    /// What `apply` would touch.
    func touched(by change: Change) -> Touched {
        switch change {
        case .labels(let change):
            Touched(
                pods: Set(podsByNamespace[change.namespace] ?? []), labels: [change.namespace])
        case .restart(let change): Touched(pods: Set(podsByWorkload[change.workload] ?? []))
        case .policy(let change): Touched(policies: [change.namespace])
        case .traffic(let change): Touched(traffic: [change.namespace])
        }
    }

    mutating func apply(_ change: Change) {
        switch change {
        case .labels(let change): relabel(change)
        case .restart(let change): restart(change)
        case .policy(let change):
            policiesChanged = true
            policies[change.namespace] = policies(in: change.namespace).applying(change)
        case .traffic(let change): traffic.write(change)
        }
    }

    func pod(_ number: Int) -> Pod { state.pods[number] }

    func pods(of workload: WorkloadID) -> [Int] { podsByWorkload[workload] ?? [] }

    func rules(in namespace: String) -> [DestinationRule] { traffic.rules[namespace] ?? [] }

    func scopes(in namespace: String) -> [SidecarScope] { traffic.scopes[namespace] ?? [] }

    func entries(in namespace: String) -> [ServiceEntry] { traffic.entries[namespace] ?? [] }

    func policies(in namespace: String) -> [PeerAuthentication] { policies[namespace] ?? [] }

    func labels(of namespace: String) -> [String: String] {
        namespaces[namespace].map { state.namespaces[$0].meta.labels } ?? [:]
    }

    /// A pod as its controller would make it under these labels of its namespace; nil without the controller.
    func newPod(of id: WorkloadID, under labels: [String: String]) -> Pod? {
        guard let template = template(of: id) else { return nil }
        var pod = Pod(
            meta: ObjectMeta(
                name: id.name, namespace: id.namespace, labels: template.labels,
                annotations: template.annotations),
            hostNetwork: template.hostNetwork)
        pod.take(plane(of: template, in: id.namespace, labels), settings: state.flows.settings)
        return pod
    }

    private func template(of id: WorkloadID) -> PodTemplate? {
        workloadsByID[id].map { state.workloads[$0].template }
    }

    private func plane(
        of template: PodTemplate, in namespace: String, _ labels: [String: String]
    ) -> PodDataplane {
        ExpectedDataplane.ofNewPod(
            template, in: namespace, labels: labels, injection: state.injection)
    }

    private mutating func relabel(_ change: NamespaceLabelChange) {
        guard let index = namespaces[change.namespace] else { return }
        let labels = state.namespaces[index].meta.labels.setting(change.after)
        state.namespaces[index].meta.labels = labels
        for pod in podsByNamespace[change.namespace] ?? []
        where state.pods[pod].isLive && state.pods[pod].isBoundAndStarted {
            let plane = ExpectedDataplane.ofRunningPod(state.pods[pod], labels: labels)
            guard plane != state.pods[pod].dataplane else { continue }
            state.pods[pod].take(plane, settings: state.flows.settings)
        }
    }

    private mutating func restart(_ change: WorkloadRestart) {
        guard let index = workloadsByID[change.workload] else { return }
        if let label = change.templateLabel {
            state.workloads[index].template.labels[label.key] = label.after
        }
        let namespace = change.workload.namespace
        let plane = plane(
            of: state.workloads[index].template, in: namespace, labels(of: namespace))
        for pod in podsByWorkload[change.workload] ?? [] where state.pods[pod].isLive {
            if let label = change.templateLabel {
                state.pods[pod].meta.labels[label.key] = label.after
            }
            state.pods[pod].take(plane, settings: state.flows.settings)
        }
    }
}

extension Pod {
    /// Puts the pod into a data plane, as injection or istio-cni leave it.
    fileprivate mutating func take(_ plane: PodDataplane, settings: MeshSettings) {
        guard dataplane != .gateway, dataplane != .waypoint else { return }
        containers.removeAll { $0.name == "istio-proxy" }
        initContainers.removeAll { $0.name == "istio-proxy" }
        for key in [LabelKeys.sidecarStatus, LabelKeys.revision, LabelKeys.ambientRedirection] {
            meta.annotations[key] = nil
        }
        for key in [LabelKeys.tlsMode, LabelKeys.tunnel] { meta.labels[key] = nil }
        switch plane {
        case .sidecar:
            containers.append(Container(name: "istio-proxy"))
            meta.annotations[LabelKeys.sidecarStatus] = "{}"
            meta.labels[LabelKeys.tlsMode] = "istio"
            if settings.injectsHBONE { meta.labels[LabelKeys.tunnel] = "http" }
        case .ambient:
            meta.annotations[LabelKeys.ambientRedirection] = "enabled"
        case .none, .gateway, .waypoint:
            break
        }
    }
}
