/// Which pods belong to which controller: a Deployment's pods are its ReplicaSets'.
package struct WorkloadIndex: Sendable {
    private var workloads: [WorkloadID: Workload] = [:]
    private var podsByWorkload: [WorkloadID: [Pod]] = [:]
    /// Pods without a controller, or with one that was not read.
    package private(set) var unmanaged: [Pod] = []

    package init(_ state: MeshState) {
        for workload in state.workloads { workloads[workload.id] = workload }
        for pod in state.pods {
            if let id = controller(of: pod) {
                podsByWorkload[id, default: []].append(pod)
            } else {
                unmanaged.append(pod)
            }
        }
    }

    /// The topmost controller of a pod; nil for a bare pod and for kinds that are not read.
    package func controller(of pod: Pod) -> WorkloadID? {
        var owner = pod.owner
        var found: WorkloadID?
        // Job under CronJob, ReplicaSet under Deployment: chains are short; a cycle must not hang.
        for _ in 0..<4 {
            guard let reference = owner, let kind = WorkloadKind(rawValue: reference.kind) else {
                break
            }
            let id = WorkloadID(namespace: pod.meta.namespace, kind: kind, name: reference.name)
            found = id
            owner = workloads[id]?.owner
        }
        return found
    }

    package func pods(of id: WorkloadID) -> [Pod] { podsByWorkload[id] ?? [] }

    package subscript(_ id: WorkloadID) -> Workload? { workloads[id] }
}
