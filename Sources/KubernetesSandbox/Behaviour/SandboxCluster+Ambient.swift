import JSON
import MeshModel

/// istio-cni's agent: captures the pods that should be in the ambient mesh, and lets the others go.
extension SandboxCluster {
    /// Looks at one pod, at a namespace's pods (no name), or at all (neither).
    mutating func reconcileAmbient(_ namespace: String, _ name: String) {
        let pods =
            name.isEmpty
            ? list("pods", in: namespace) : object("pods", namespace, name).map { [$0] } ?? []
        for pod in pods where !pod.isTerminating { reconcileCapture(of: pod) }
    }

    private mutating func reconcileCapture(of pod: JSONValue) {
        let annotation = pod.annotations[LabelKeys.ambientRedirection]
        let decision = AmbientEnrolment.decide(
            namespaceName: pod.namespaceName, namespaceLabels: namespaceLabels(pod.namespaceName),
            podLabels: pod.labels, podAnnotations: pod.annotations, hostNetwork: pod.isHostNetwork)
        let wanted = decision.wanted && pod.podPhase == "Running" ? "enabled" : nil
        guard annotation != wanted,
            wanted == nil || hasAgent(pod["spec"]?["nodeName"]?.string)
        else { return }
        modify(
            .named("pods"), pod.namespaceName, pod.name, by: "istio-cni", subresource: ""
        ) { $0.setAnnotation(LabelKeys.ambientRedirection, wanted) }
    }

    /// Whether a ztunnel that could hold the pod is ready on its node.
    private func hasAgent(_ node: String?) -> Bool {
        (objects["pods"] ?? [:]).values.contains { pod in
            Istio.isZtunnel(pod) && pod.isReadyPod && pod["spec"]?["nodeName"]?.string == node
        }
    }
}
