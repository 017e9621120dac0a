extension MeshState {
    /// Leaves out the namespaces that meshctl made for what it keeps in the cluster: nobody's workloads run
    /// there. One in which something runs is told of like any other.
    package mutating func leaveOutStateNamespaces() {
        let inhabited = Set(workloads.map(\.meta.namespace) + pods.map(\.meta.namespace))
        namespaces.removeAll {
            $0.meta.labels[LabelKeys.managedBy] == LabelKeys.managedByMeshctl
                && !inhabited.contains($0.name)
        }
    }
}
