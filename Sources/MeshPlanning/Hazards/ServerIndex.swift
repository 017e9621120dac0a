package import MeshModel

/// What listens in a mesh: the pods of each controller, or what a controller without pods would make.
package struct ServerIndex: Sendable {
    package struct Server: Sendable {
        package var namespace: String
        /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
        package var text: String
        /// nil for a bare pod, and for one whose controller is of a kind that is not read.
        package var kind: WorkloadKind?
        /// Its pods, one of each sort: those that no policy and no data plane could tell apart count once.
        /// Never empty.
        package var pods: [Pod]
        /// There are no pods: the template was judged in their place.
        package var isTemplate: Bool
        /// Scaled to nothing, so that no pod is to be expected either.
        package var isIdle: Bool
    }

    /// By namespace, then kind and name.
    package private(set) var all: [Server] = []
    private var byNamespace: [String: Range<Int>] = [:]
    private var labels: [String: [String: String]] = [:]

    /// Servers as they will be once pods that are on their way have started: whether istio-cni has
    /// captured what it should is a gate's question.
    package init(_ state: MeshState, workloads: WorkloadIndex) {
        for namespace in state.namespaces.sorted(by: { $0.name < $1.name }) {
            let start = all.count
            let enrolment = state.enrolment
            let labels = namespace.meta.labels
            for workload in workloads.topmost(in: namespace.name).sorted(by: { $0.id < $1.id }) {
                add(workload, pods: workloads.pods(of: workload.id), labels: labels, in: state)
            }
            for pod in workloads.unmanaged(in: namespace.name) where pod.isLive {
                all.append(
                    Server(
                        namespace: namespace.name, text: "\(namespace.name)/Pod/\(pod.meta.name)",
                        kind: nil, pods: [pod.settled(under: labels, enrolment)], isTemplate: false,
                        isIdle: false))
            }
            byNamespace[namespace.name] = start..<all.count
            self.labels[namespace.name] = labels
        }
    }

    package func servers(in namespace: String) -> ArraySlice<Server> {
        all[byNamespace[namespace] ?? 0..<0]
    }

    /// The labels of a namespace.
    package func labels(of namespace: String) -> [String: String] { labels[namespace] ?? [:] }

    private mutating func add(
        _ workload: Workload, pods: [Pod], labels: [String: String], in state: MeshState
    ) {
        var kinds: Set<PodKind> = []
        let live = pods.filter(\.isLive).map { $0.settled(under: labels, state.enrolment) }
            .filter { kinds.insert(PodKind($0)).inserted }
        let canScale = [.deployment, .statefulSet, .replicaSet].contains(workload.kind)
        var server = Server(
            namespace: workload.meta.namespace, text: workload.id.text, kind: workload.kind,
            pods: live, isTemplate: false, isIdle: false)
        if live.isEmpty {
            // A Job without pods has run; it will not run again.
            guard workload.kind != .job else { return }
            server.pods = [
                Pod(templateOf: workload, namespaceLabels: labels, in: state)
            ]
            server.isTemplate = true
            server.isIdle = canScale && workload.replicas == 0
        }
        all.append(server)
    }
}

/// What of a pod decides about policy and data plane.
private struct PodKind: Hashable {
    let labels: [String: String]
    let annotations: [String: String]
    let plane: PodDataplane
    let hostNetwork: Bool

    init(_ pod: Pod) {
        labels = pod.meta.labels
        // Others name single pods: their addresses, the hash of their configuration.
        annotations = pod.meta.annotations.filter { $0.key.contains("istio.io/") }
        plane = pod.dataplane
        hostNetwork = pod.hostNetwork
    }
}

extension Pod {
    /// The pod once istio-cni has looked at it.
    fileprivate func settled(
        under labels: [String: String], _ environment: AmbientEnrolment.Environment
    ) -> Pod {
        guard dataplane == .none,
            AmbientEnrolment.decide(
                namespaceName: meta.namespace, namespaceLabels: labels, podLabels: meta.labels,
                podAnnotations: meta.annotations, hostNetwork: hostNetwork,
                environment: environment
            ).wanted
        else { return self }
        var settled = self
        settled.meta.annotations[LabelKeys.ambientRedirection] = "enabled"
        return settled
    }
}
