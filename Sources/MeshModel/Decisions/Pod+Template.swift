extension Pod {
    /// A pod as a controller without pods would make it now: with the data plane that its template and its
    /// namespace ask for, and the marks that injector and istio-cni would leave.
    package init(templateOf workload: Workload, in state: MeshState) {
        self.init(
            templateOf: workload,
            namespaceLabels: state.namespaces.first { $0.name == workload.meta.namespace }?
                .meta.labels ?? [:], in: state)
    }

    /// The same, where the namespace's labels are at hand.
    package init(
        templateOf workload: Workload, namespaceLabels labels: [String: String],
        in state: MeshState
    ) {
        let template = workload.template
        let injection = Injection.decide(
            namespaceName: workload.meta.namespace, namespaceLabels: labels,
            podLabels: template.labels, podAnnotations: template.annotations,
            hostNetwork: template.hostNetwork,
            environment: state.injection)
        let ambient = AmbientEnrolment.decide(
            namespaceName: workload.meta.namespace, namespaceLabels: labels,
            podLabels: template.labels, podAnnotations: template.annotations,
            hostNetwork: template.hostNetwork, willBeInjected: injection.injects,
            environment: state.enrolment)
        self.init(
            meta: ObjectMeta(
                name: workload.meta.name, namespace: workload.meta.namespace,
                labels: template.labels, annotations: template.annotations),
            hostNetwork: template.hostNetwork, isAssumedReady: true)
        isTemplate = true
        owner = OwnerReference(kind: workload.kind.rawValue, name: workload.meta.name)
        if injection.injects {
            containers.append(Container(name: "istio-proxy"))
            meta.annotations[LabelKeys.sidecarStatus] = "{}"
            // A value that the template has stays (istio's `injection-template.yaml`).
            meta.labels[LabelKeys.tlsMode] = template.labels[LabelKeys.tlsMode] ?? "istio"
        }
        if ambient.wanted { meta.annotations[LabelKeys.ambientRedirection] = "enabled" }
    }
}
