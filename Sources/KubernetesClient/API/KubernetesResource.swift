/// A resource of the API: what a collection's URL needs, and the kind of its objects.
package struct KubernetesResource: Sendable, Hashable {
    /// `""` is the core group.
    package var group: String
    package var version: String
    package var plural: String
    package var kind: String
    package var isNamespaced: Bool

    package init(
        group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true
    ) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// As an object's `apiVersion` has it: `v1`, `apps/v1`.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// As the API server names it in its messages: `pods`, `deployments.apps`.
    package var text: String { group.isEmpty ? plural : "\(plural).\(group)" }
}

extension KubernetesResource {
    private static func core(
        _ plural: String, _ kind: String, isNamespaced: Bool = true
    ) -> KubernetesResource {
        KubernetesResource(
            group: "", version: "v1", plural: plural, kind: kind, isNamespaced: isNamespaced)
    }

    private static func apps(_ plural: String, _ kind: String) -> KubernetesResource {
        KubernetesResource(group: "apps", version: "v1", plural: plural, kind: kind)
    }

    private static func batch(_ plural: String, _ kind: String) -> KubernetesResource {
        KubernetesResource(group: "batch", version: "v1", plural: plural, kind: kind)
    }

    package static let namespaces = core("namespaces", "Namespace", isNamespaced: false)
    package static let nodes = core("nodes", "Node", isNamespaced: false)
    package static let pods = core("pods", "Pod")
    package static let services = core("services", "Service")
    package static let configMaps = core("configmaps", "ConfigMap")

    package static let deployments = apps("deployments", "Deployment")
    package static let statefulSets = apps("statefulsets", "StatefulSet")
    package static let daemonSets = apps("daemonsets", "DaemonSet")
    package static let replicaSets = apps("replicasets", "ReplicaSet")

    package static let jobs = batch("jobs", "Job")
    package static let cronJobs = batch("cronjobs", "CronJob")

    package static let leases = KubernetesResource(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
    package static let endpointSlices = KubernetesResource(
        group: "discovery.k8s.io", version: "v1", plural: "endpointslices", kind: "EndpointSlice")
    package static let mutatingWebhookConfigurations = KubernetesResource(
        group: "admissionregistration.k8s.io", version: "v1",
        plural: "mutatingwebhookconfigurations", kind: "MutatingWebhookConfiguration",
        isNamespaced: false)
    package static let validatingWebhookConfigurations = KubernetesResource(
        group: "admissionregistration.k8s.io", version: "v1",
        plural: "validatingwebhookconfigurations", kind: "ValidatingWebhookConfiguration",
        isNamespaced: false)
    package static let apiServices = KubernetesResource(
        group: "apiregistration.k8s.io", version: "v1", plural: "apiservices",
        kind: "APIService", isNamespaced: false)
    package static let customResourceDefinitions = KubernetesResource(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)
    package static let ingresses = KubernetesResource(
        group: "networking.k8s.io", version: "v1", plural: "ingresses", kind: "Ingress")
    package static let ingressClasses = KubernetesResource(
        group: "networking.k8s.io", version: "v1", plural: "ingressclasses",
        kind: "IngressClass", isNamespaced: false)

    package static let peerAuthentications = KubernetesResource(
        group: "security.istio.io", version: "v1", plural: "peerauthentications",
        kind: "PeerAuthentication")
    package static let destinationRules = KubernetesResource(
        group: "networking.istio.io", version: "v1", plural: "destinationrules",
        kind: "DestinationRule")
    package static let serviceEntries = KubernetesResource(
        group: "networking.istio.io", version: "v1", plural: "serviceentries",
        kind: "ServiceEntry")
    package static let sidecarScopes = KubernetesResource(
        group: "networking.istio.io", version: "v1", plural: "sidecars", kind: "Sidecar")

    package static let networkPolicies = KubernetesResource(
        group: "networking.k8s.io", version: "v1", plural: "networkpolicies",
        kind: "NetworkPolicy")
    package static let authorizationPolicies = KubernetesResource(
        group: "security.istio.io", version: "v1", plural: "authorizationpolicies",
        kind: "AuthorizationPolicy")

    package static let istioGateways = KubernetesResource(
        group: "networking.istio.io", version: "v1", plural: "gateways", kind: "Gateway")
    package static let virtualServices = KubernetesResource(
        group: "networking.istio.io", version: "v1", plural: "virtualservices",
        kind: "VirtualService")

    /// A resource of the Gateway API, whose versions differ by its release and channel.
    package static func gatewayAPI(
        _ plural: String, _ kind: String, version: String
    ) -> KubernetesResource {
        KubernetesResource(
            group: "gateway.networking.k8s.io", version: version, plural: plural, kind: kind)
    }
}
