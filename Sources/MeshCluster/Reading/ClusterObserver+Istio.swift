import Diagnostics
import JSON
import KubernetesClient
import MeshModel
import MeshResources

extension ClusterObserver {
    /// How Istio is set up: the mesh configurations and injectors of all revisions, by the label that its chart
    /// gives their ConfigMaps, and istiod's Deployments. What may not be read counts as not there. The ConfigMap
    /// `istio` without such a label is the observer's to add: it reads it for the root namespace.
    func istioConfiguration() async throws -> IstioConfiguration {
        async let revised = listed(
            .configMaps, in: Self.istioNamespace, labelSelector: LabelKeys.revision)
        async let injector = readable(
            ObjectPath(
                .configMaps, namespace: Self.istioNamespace, name: InjectorSettingsResource.name))
        async let istiods = listed(
            .deployments, in: Self.istioNamespace, labelSelector: "app=istiod")
        var istio = IstioConfiguration()
        for map in try await [injector].compactMap(\.self) + revised {
            try istio.add(configMap: map)
        }
        for deployment in try await istiods { istio.add(deployment: deployment) }
        return istio
    }

    /// What stands between the world and the mesh, by resources of its own: Emissary's, and the Cloudflare
    /// operator's. Most clusters have neither.
    func edgeObjects(into flows: inout FlowObjects) async throws {
        async let mappings = edge("mappings", "Mapping", MappingResource.self)
        async let tcpMappings = edge("tcpmappings", "TCPMapping", MappingResource.self)
        async let contexts = edge("tlscontexts", "TLSContext", TLSContextResource.self)
        async let classes = optional(
            KubernetesResource(
                group: "networking.cloudflare-operator.io", version: "v1alpha2",
                plural: "tunnelingressclassconfigs", kind: "TunnelIngressClassConfig"),
            TunnelClassResource.self)
        flows.mappings = try await (mappings + tcpMappings).map(\.mapping)
        flows.tlsContexts = try await contexts.map(\.context)
        flows.tunnelClasses = try await classes.items.map(\.tunnelClass)
    }

    private static let istioNamespace = "istio-system"

    private func edge<Item: Decodable & Sendable>(
        _ plural: String, _ kind: String, _ type: Item.Type
    ) async throws(KubernetesError) -> [Item] {
        try await optional(
            KubernetesResource(
                group: "getambassador.io", version: "v3alpha1", plural: plural, kind: kind), type
        ).items
    }

    private func listed(
        _ resource: KubernetesResource, in namespace: String, labelSelector: String
    ) async throws(KubernetesError) -> [JSONValue] {
        do {
            return try await client.list(
                resource, namespace: namespace, labelSelector: labelSelector,
                decoder: .documents)?.items ?? []
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            return []
        }
    }
}
