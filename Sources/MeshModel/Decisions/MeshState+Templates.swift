extension MeshState {
    /// The state with one more pod for each of these controllers: as its template would make it now.
    package func addingPods(ofTemplates ids: Set<WorkloadID>) -> MeshState {
        guard !ids.isEmpty else { return self }
        var state = self
        state.pods += workloads.filter { ids.contains($0.id) }.map { workload in
            var pod = Pod(templateOf: workload, in: self)
            if pod.hasSidecar, flows.settings.injectsHBONE {
                pod.meta.labels[LabelKeys.tunnel] = "http"
            }
            return pod
        }
        return state
    }
}

extension FlowIndex {
    /// The controllers whose pods a Service waits for: they have none, their templates have the labels that
    /// its selector asks for, and no pod does.
    ///
    /// None where the Service has EndpointSlices: these say what its endpoints are. A pod that is there and
    /// not ready, and a controller that is scaled to zero, are no endpoint either.
    package func awaited(behind service: Service) -> Set<WorkloadID> {
        guard !service.selector.isEmpty, !service.isExternalName, !hasSlices(service) else {
            return []
        }
        let namespace = service.meta.namespace
        let selector = LabelSelector(service.selector)
        guard !pods(in: namespace).contains(where: { selector.matches($0.meta.labels) }) else {
            return []
        }
        return Set(
            workloads.topmost(in: namespace).filter {
                // Manifests do not say how many pods a DaemonSet has.
                ($0.replicas > 0 || $0.kind == .daemonSet)
                    && selector.matches($0.template.labels) && workloads.pods(of: $0.id).isEmpty
            }.map(\.id))
    }
}
