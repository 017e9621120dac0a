import MeshModel

/// A pod as status judges it: a live one by what it is, a controller without pods by its template.
struct PodFacts {
    var namespace: String
    var kind: String
    var name: String
    /// `StatefulSet/cart`; nil for a bare pod and for a controller's own entry.
    var owner: String?
    var labels: [String: String]
    var annotations: [String: String]
    var hostNetwork: Bool
    var isLive: Bool
    /// Set for a live pod; a template's follows from the decisions.
    var dataplane: PodDataplane?
    var isCaptured: Bool

    init(_ pod: Pod, owner: String?) {
        namespace = pod.meta.namespace
        kind = "Pod"
        name = pod.meta.name
        self.owner = owner
        labels = pod.meta.labels
        annotations = pod.meta.annotations
        hostNetwork = pod.hostNetwork
        isLive = pod.isLive
        dataplane = pod.dataplane
        isCaptured = pod.isCaptured
    }

    init(templateOf workload: Workload) {
        let template = workload.template
        namespace = workload.meta.namespace
        kind = workload.kind.rawValue
        name = workload.meta.name
        labels = template.labels
        annotations = template.annotations
        hostNetwork = template.hostNetwork
        isLive = false
        isCaptured = false
        let probe = Pod(meta: ObjectMeta(name: "", labels: labels, annotations: annotations))
        if probe.isGateway { dataplane = .gateway }
        if probe.isWaypoint { dataplane = .waypoint }
    }

    /// The entries of a state: one per pod, and one per topmost controller that has none.
    static func all(in state: MeshState) -> [PodFacts] {
        let index = WorkloadIndex(state)
        var owning: Set<WorkloadID> = []
        var facts: [PodFacts] = state.pods.map { pod in
            let controller = index.controller(of: pod).map { deployment(above: $0, pod, index) }
            if let controller { owning.insert(controller) }
            let owner =
                controller.map { "\($0.kind.rawValue)/\($0.name)" }
                ?? pod.owner.map { "\($0.kind)/\($0.name)" }
            return PodFacts(pod, owner: owner)
        }
        facts += state.workloads
            .filter { $0.owner == nil && !owning.contains($0.id) }
            .map { PodFacts(templateOf: $0) }
        return facts.sorted { ($0.namespace, $0.kind, $0.name) < ($1.namespace, $1.kind, $1.name) }
    }

    /// The Deployment of a ReplicaSet that was not read, by the hash that it gives to names and pods
    /// (Kubernetes `pkg/controller/deployment/sync.go`), as istiod does
    /// (istio `pkg/kube/inject` `GetDeployMetaFromPod`).
    private static func deployment(
        above id: WorkloadID, _ pod: Pod, _ index: WorkloadIndex
    ) -> WorkloadID {
        guard id.kind == .replicaSet, index[id] == nil,
            let hash = pod.meta.labels["pod-template-hash"], !hash.isEmpty,
            id.name.hasSuffix("-\(hash)"), id.name.count > hash.count + 1
        else { return id }
        return WorkloadID(
            namespace: id.namespace, kind: .deployment,
            name: String(id.name.dropLast(hash.count + 1)))
    }
}
