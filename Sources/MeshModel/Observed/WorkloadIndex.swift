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
            owner = workloads[id]?.owner ?? inferredOwner(of: id, pod: pod)
        }
        return found
    }

    /// The Deployment of a ReplicaSet that was not read, as in manifests without ReplicaSets, by the hash
    /// that it gives to names and pods (Kubernetes `pkg/controller/deployment/sync.go`).
    private func inferredOwner(of id: WorkloadID, pod: Pod) -> OwnerReference? {
        guard id.kind == .replicaSet, workloads[id] == nil,
            let hash = pod.meta.labels["pod-template-hash"], !hash.isEmpty,
            id.name.hasSuffix("-" + hash), id.name.count > hash.count + 1
        else { return nil }
        return OwnerReference(kind: "Deployment", name: String(id.name.dropLast(hash.count + 1)))
    }

    package func pods(of id: WorkloadID) -> [Pod] { podsByWorkload[id] ?? [] }

    package subscript(_ id: WorkloadID) -> Workload? { workloads[id] }
}
