/// Which pods belong to which controller: a Deployment's pods are its ReplicaSets'.
package struct WorkloadIndex: Sendable {
    private var workloads: [WorkloadID: Workload] = [:]
    private var podsByWorkload: [WorkloadID: [Pod]] = [:]
    private var topmostByNamespace: [String: [Workload]] = [:]
    private var unmanagedByNamespace: [String: [Pod]] = [:]

    package init(_ state: MeshState) {
        for workload in state.workloads {
            workloads[workload.id] = workload
            if Self.id(of: workload.owner, in: workload.meta.namespace) == nil {
                topmostByNamespace[workload.meta.namespace, default: []].append(workload)
            }
        }
        for pod in state.pods {
            let id = controller(of: pod)
            if let id { podsByWorkload[id, default: []].append(pod) }
            if id.flatMap({ workloads[$0] }) == nil {
                unmanagedByNamespace[pod.meta.namespace, default: []].append(pod)
            }
        }
    }

    /// The topmost controller of a pod, read or only referred to; nil for a bare pod and for one whose
    /// owner is of another kind.
    package func controller(of pod: Pod) -> WorkloadID? {
        var found = Self.id(of: pod.owner, in: pod.meta.namespace)
        // Job under CronJob, ReplicaSet under Deployment: chains are short; a cycle must not hang.
        for _ in 0..<4 {
            guard let id = found,
                let above = Self.id(
                    of: workloads[id]?.owner ?? inferredOwner(of: id, pod: pod), in: id.namespace)
            else { break }
            found = above
        }
        return found
    }

    /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
    package func text(of pod: Pod) -> String {
        controller(of: pod)?.text ?? "\(pod.meta.namespace)/Pod/\(pod.meta.name)"
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

    /// The workloads of a namespace that no other workload owns. One that a controller of an unknown kind
    /// owns is among them.
    package func topmost(in namespace: String) -> [Workload] {
        topmostByNamespace[namespace] ?? []
    }

    package func pods(of id: WorkloadID) -> [Pod] { podsByWorkload[id] ?? [] }

    /// Pods without a controller, or with one that was not read.
    package func unmanaged(in namespace: String) -> [Pod] { unmanagedByNamespace[namespace] ?? [] }

    package subscript(_ id: WorkloadID) -> Workload? { workloads[id] }

    private static func id(of owner: OwnerReference?, in namespace: String) -> WorkloadID? {
        guard let owner, let kind = WorkloadKind(rawValue: owner.kind) else { return nil }
        return WorkloadID(namespace: namespace, kind: kind, name: owner.name)
    }
}
