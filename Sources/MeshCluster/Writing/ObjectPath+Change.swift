package import KubernetesClient
package import MeshModel
package import MeshPlanning

extension ObjectPath {
    /// Where a change's object is.
    package init(_ change: Change) {
        switch change {
        case .labels(let change): self.init(.namespaces, name: change.namespace)
        case .restart(let change): self.init(change.workload)
        case .policy(let change):
            self.init(.peerAuthentications, namespace: change.namespace, name: change.name)
        case .traffic(let change):
            self.init(
                KubernetesResource(change.kind), namespace: change.namespace, name: change.name)
        }
    }

    package init(_ id: WorkloadID) {
        let resource: KubernetesResource =
            switch id.kind {
            case .deployment: .deployments
            case .statefulSet: .statefulSets
            case .daemonSet: .daemonSets
            case .replicaSet: .replicaSets
            case .job: .jobs
            case .cronJob: .cronJobs
            }
        self.init(resource, namespace: id.namespace, name: id.name)
    }
}

extension KubernetesResource {
    init(_ kind: TrafficKind) {
        switch kind {
        case .destinationRule: self = .destinationRules
        case .serviceEntry: self = .serviceEntries
        case .sidecar: self = .sidecarScopes
        }
    }
}
