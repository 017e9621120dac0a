import MeshModel

/// Whether istiod gives new pods a native sidecar: the pod's annotation, else istiod's environment, else,
/// from Istio 1.27 on, every node's kubelet.
enum NativeSidecars {
    enum Answer: Equatable {
        case yes, no
        /// With why, as the rest of a sentence.
        case unknown(String)
    }

    static func decide(
        for template: PodTemplate, in namespace: String, _ context: HazardContext
    ) -> Answer {
        switch template.annotations["sidecar.istio.io/nativeSidecar"] {
        case "true": return .yes
        case "false": return .no
        default: break
        }
        guard let istiod = controlPlane(for: template, in: namespace, context) else {
            return .unknown("the istiod that injects them was not read")
        }
        switch istiod.nativeSidecars ?? byDefault(istiod) {
        case "true": return .yes
        case "false": return .no
        case nil: return .unknown("the version of \(istiod.meta.text) is not known")
        default: return byKubelets(context.observed.surroundings.nodes)
        }
    }

    /// `auto` came in 1.27; before, native sidecars had to be asked for.
    private static func byDefault(_ istiod: ControlPlane) -> String? {
        minor(of: istiod.version).map { $0 >= 27 ? "auto" : "false" }
    }

    /// One older kubelet turns native sidecars off for all new pods.
    private static func byKubelets(_ nodes: [ClusterNode]?) -> Answer {
        guard let nodes, !nodes.isEmpty else {
            return .unknown("the kubelets' versions were not read")
        }
        for node in nodes {
            guard let minor = minor(of: node.kubeletVersion) else {
                return .unknown("node \(node.name) does not say its kubelet's version")
            }
            if minor < 33 { return .no }
        }
        return .yes
    }

    /// The istiod of the revision that injects; where only one is there, a tag can mean no other.
    private static func controlPlane(
        for template: PodTemplate, in namespace: String, _ context: HazardContext
    ) -> ControlPlane? {
        let all = context.observed.surroundings.controlPlanes ?? []
        let labels = context.reached.namespaces.first { $0.name == namespace }?.meta.labels ?? [:]
        let revision = Injection.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: template.labels,
            podAnnotations: template.annotations, hostNetwork: template.hostNetwork,
            environment: context.observed.injection
        ).revision
        return all.first { $0.revision == revision } ?? (all.count == 1 ? all.first : nil)
    }

    /// The minor version of `v1.33.2` or `1.27.1-distroless`, of which the major is 1; nil for others.
    private static func minor(of version: String) -> Int? {
        let parts = version.drop { $0 == "v" }.split(separator: ".")
        guard parts.count >= 2, parts[0] == "1" else { return nil }
        return Int(parts[1].prefix { $0.isNumber })
    }
}
