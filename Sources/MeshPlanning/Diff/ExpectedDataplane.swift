package import MeshModel

/// What a pod gets when it is admitted, or picked up by istio-cni, under given namespace labels.
package enum ExpectedDataplane {
    /// For pods made anew from a template.
    package static func ofNewPod(
        _ template: PodTemplate, in namespace: String, labels: [String: String],
        injection: Injection.Environment,
        enrolment: AmbientEnrolment.Environment = AmbientEnrolment.Environment()
    ) -> PodDataplane {
        let decision = Injection.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: template.labels,
            podAnnotations: template.annotations, hostNetwork: template.hostNetwork,
            environment: injection)
        if decision.injects { return .sidecar }
        let ambient = AmbientEnrolment.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: template.labels,
            podAnnotations: template.annotations, hostNetwork: template.hostNetwork,
            environment: enrolment)
        return ambient.wanted ? .ambient : .none
    }

    /// For a pod that runs: a sidecar stays until the pod goes; istio-cni follows the labels at once.
    package static func ofRunningPod(
        _ pod: Pod, labels: [String: String],
        enrolment: AmbientEnrolment.Environment = AmbientEnrolment.Environment()
    ) -> PodDataplane {
        guard pod.dataplane == .ambient || pod.dataplane == .none else { return pod.dataplane }
        let ambient = AmbientEnrolment.decide(
            namespaceName: pod.meta.namespace, namespaceLabels: labels, podLabels: pod.meta.labels,
            podAnnotations: pod.meta.annotations, hostNetwork: pod.hostNetwork,
            environment: enrolment)
        return ambient.wanted ? .ambient : .none
    }
}
