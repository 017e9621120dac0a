/// One resource type that the sandbox serves.
struct SandboxResource: Sendable, Hashable {
    /// Empty for the core group.
    let group: String
    /// Served versions, the preferred one first; objects are kept without regard to the version.
    let versions: [String]
    let plural: String
    let singular: String
    let kind: String
    let isNamespaced: Bool
    /// Defined by a CustomResourceDefinition: no strategic merge patch, and `spec` starts from nothing
    /// where managed fields are computed.
    let isCustom: Bool
    let features: Features
    let shortNames: [String]

    struct Features: OptionSet, Hashable {
        let rawValue: Int
        /// Has a `status` subresource, so that a write of the object leaves `status` alone.
        static let status = Features(rawValue: 1)
        static let scale = Features(rawValue: 2)
        /// `metadata.generation` counts changes of anything but metadata and status.
        static let generation = Features(rawValue: 4)
        static let readOnly = Features(rawValue: 8)
    }

    /// `peerauthentications.security.istio.io`; the plural alone in the core group.
    var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

    func apiVersion(_ version: String? = nil) -> String {
        let version = version ?? versions[0]
        return group.isEmpty ? version : "\(group)/\(version)"
    }

    var hasStatus: Bool { features.contains(.status) }
}

extension SandboxResource {
    static let all: [SandboxResource] = core + workloads + policies + istio

    static func find(group: String, plural: String) -> SandboxResource? {
        byName[group.isEmpty ? plural : "\(plural).\(group)"]
    }

    static func find(kind: String, apiVersion: String) -> SandboxResource? {
        all.first { resource in
            resource.kind == kind
                && resource.versions.contains { resource.apiVersion($0) == apiVersion }
        }
    }

    private static let byName = Dictionary(
        all.map { ($0.qualifiedName, $0) }, uniquingKeysWith: { first, _ in first })

    /// A resource that the table below must hold; a slip in a name shows in the first test.
    static func named(_ qualifiedName: String) -> SandboxResource {
        guard let resource = byName[qualifiedName] else {
            preconditionFailure("no resource \(qualifiedName)")
        }
        return resource
    }

    private static func type(
        _ group: String, _ plural: String, _ kind: String, _ features: Features = [],
        versions: [String] = ["v1"], cluster: Bool = false, custom: Bool = false,
        short: [String] = []
    ) -> SandboxResource {
        SandboxResource(
            group: group, versions: versions, plural: plural, singular: kind.lowercased(),
            kind: kind, isNamespaced: !cluster, isCustom: custom, features: features,
            shortNames: short)
    }

    private static let core: [SandboxResource] = [
        type("", "namespaces", "Namespace", .status, cluster: true, short: ["ns"]),
        type("", "nodes", "Node", .status, cluster: true, short: ["no"]),
        type("", "pods", "Pod", [.status, .generation], short: ["po"]),
        type("", "services", "Service", .status, short: ["svc"]),
        type("", "endpoints", "Endpoints", short: ["ep"]),
        type("", "configmaps", "ConfigMap", short: ["cm"]),
        type("", "serviceaccounts", "ServiceAccount", short: ["sa"]),
        type("", "secrets", "Secret"),
        type("", "events", "Event", short: ["ev"]),
        type("", "resourcequotas", "ResourceQuota", .status, short: ["quota"]),
    ]

    private static let workloads: [SandboxResource] = [
        type(
            "apps", "deployments", "Deployment", [.status, .scale, .generation], short: ["deploy"]),
        type("apps", "replicasets", "ReplicaSet", [.status, .scale, .generation], short: ["rs"]),
        type(
            "apps", "statefulsets", "StatefulSet", [.status, .scale, .generation], short: ["sts"]),
        type("apps", "daemonsets", "DaemonSet", [.status, .generation], short: ["ds"]),
        type("apps", "controllerrevisions", "ControllerRevision"),
        type("batch", "jobs", "Job", [.status, .generation]),
        type("batch", "cronjobs", "CronJob", [.status, .generation], short: ["cj"]),
        type(
            "autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", .status,
            versions: ["v2", "v1"], short: ["hpa"]),
    ]

    private static let policies: [SandboxResource] = [
        type("discovery.k8s.io", "endpointslices", "EndpointSlice"),
        type("networking.k8s.io", "ingresses", "Ingress", [.status, .generation], short: ["ing"]),
        type(
            "networking.k8s.io", "ingressclasses", "IngressClass", .generation, cluster: true),
        type(
            "networking.k8s.io", "networkpolicies", "NetworkPolicy", .generation,
            short: ["netpol"]),
        type(
            "policy", "poddisruptionbudgets", "PodDisruptionBudget", [.status, .generation],
            short: ["pdb"]),
        type("coordination.k8s.io", "leases", "Lease"),
        type(
            "admissionregistration.k8s.io", "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration", .generation, cluster: true),
        type(
            "admissionregistration.k8s.io", "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration", .generation, cluster: true),
        type(
            "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition",
            [.status, .readOnly], cluster: true, short: ["crd", "crds"]),
        type(
            "apiregistration.k8s.io", "apiservices", "APIService", [.status, .readOnly],
            cluster: true),
    ]

    private static func custom(
        _ group: String, _ plural: String, _ kind: String, versions: [String],
        short: [String] = []
    ) -> SandboxResource {
        type(
            group, plural, kind, [.status, .generation], versions: versions, custom: true,
            short: short)
    }

    private static func security(
        _ plural: String, _ kind: String, _ short: String
    ) -> SandboxResource {
        custom(
            "security.istio.io", plural, kind, versions: ["v1", "v1beta1"], short: [short])
    }

    private static func networking(
        _ plural: String, _ kind: String, _ short: [String] = [],
        versions: [String] = ["v1", "v1beta1", "v1alpha3"]
    ) -> SandboxResource {
        custom("networking.istio.io", plural, kind, versions: versions, short: short)
    }

    private static let istio: [SandboxResource] = [
        security("authorizationpolicies", "AuthorizationPolicy", "ap"),
        security("peerauthentications", "PeerAuthentication", "pa"),
        security("requestauthentications", "RequestAuthentication", "ra"),
        networking("destinationrules", "DestinationRule", ["dr"]),
        networking("serviceentries", "ServiceEntry", ["se"]),
        networking("sidecars", "Sidecar"),
        networking("gateways", "Gateway", ["gw"]),
        networking("virtualservices", "VirtualService", ["vs"]),
        networking("envoyfilters", "EnvoyFilter", versions: ["v1alpha3"]),
        networking("workloadentries", "WorkloadEntry", ["we"]),
        custom("gateway.networking.k8s.io", "gateways", "Gateway", versions: ["v1", "v1beta1"]),
        custom(
            "gateway.networking.k8s.io", "httproutes", "HTTPRoute", versions: ["v1", "v1beta1"]),
        custom("gateway.networking.k8s.io", "grpcroutes", "GRPCRoute", versions: ["v1"]),
        custom("gateway.networking.k8s.io", "tcproutes", "TCPRoute", versions: ["v1alpha2"]),
        custom("gateway.networking.k8s.io", "tlsroutes", "TLSRoute", versions: ["v1alpha2"]),
    ]
}
