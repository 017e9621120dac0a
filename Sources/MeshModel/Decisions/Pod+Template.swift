extension Pod {
    /// A pod as a controller without pods would make it now: with the data plane that its template and its
    /// namespace ask for, and the marks that injector and istio-cni would leave.
    package init(templateOf workload: Workload, in state: MeshState) {
        let namespace = state.namespaces.first { $0.name == workload.meta.namespace }
        self.init(
            templateOf: workload, namespaceLabels: namespace?.meta.labels ?? [:],
            revisions: state.revisions)
    }

    /// The same, where the namespace's labels are at hand.
    package init(
        templateOf workload: Workload, namespaceLabels labels: [String: String],
        revisions: Set<String>?
    ) {
        let template = workload.template
        let injection = Injection.decide(
            namespaceName: workload.meta.namespace, namespaceLabels: labels,
            podLabels: template.labels, podAnnotations: template.annotations,
            hostNetwork: template.hostNetwork,
            environment: Injection.Environment(revisions: revisions))
        let ambient = AmbientEnrolment.decide(
            namespaceName: workload.meta.namespace, namespaceLabels: labels,
            podLabels: template.labels, podAnnotations: template.annotations,
            hostNetwork: template.hostNetwork, willBeInjected: injection.injects)
        self.init(
            meta: ObjectMeta(
                name: workload.meta.name, namespace: workload.meta.namespace,
                labels: template.labels, annotations: template.annotations),
            hostNetwork: template.hostNetwork, isAssumedReady: true)
        if injection.injects {
            containers.append(Container(name: "istio-proxy"))
            meta.annotations[LabelKeys.sidecarStatus] = "{}"
        }
        if ambient.wanted { meta.annotations[LabelKeys.ambientRedirection] = "enabled" }
    }
}
