import Diagnostics
import KubernetesClient
import MeshModel
import MeshResources

extension ClusterObserver {
    /// What hazards look at besides the mesh itself, all lists at the same time. A kind that the cluster
    /// does not know is none of these; one that may not be read is said, with what cannot be judged.
    func surroundings() async throws -> (Surroundings, [Diagnostic]) {
        async let networkPolicies = facts(
            .networkPolicies, NetworkPolicyResource.self,
            without: "whether NetworkPolicies block the mesh's port 15008")
        async let authorizationPolicies = facts(
            .authorizationPolicies, AuthorizationPolicyResource.self,
            without: "whether AuthorizationPolicies refuse what the new data plane carries")
        async let nodes = facts(
            .nodes, NodeResource.self, without: "whether new sidecars let Jobs finish")
        async let controlPlanes = facts(
            .deployments, ControlPlaneResource.self, labelSelector: "app=istiod",
            without: "which istiod serves the proxies, and how it is set up")
        async let cni = facts(
            .configMaps, CNISettingsResource.self,
            fieldSelector: "metadata.name=\(CNISettingsResource.name)",
            without: "which namespaces istio-cni leaves alone")

        var diagnostics: [Diagnostic] = []
        func taken<Item>(_ found: Facts<Item>) -> [Item]? {
            diagnostics += [found.diagnostic].compactMap(\.self)
            return found.items
        }
        let surroundings = Surroundings(
            networkPolicies: taken(try await networkPolicies)?.map(\.policy),
            authorizationPolicies: taken(try await authorizationPolicies)?.map(\.policy),
            nodes: taken(try await nodes)?.map(\.node),
            controlPlanes: taken(try await controlPlanes)?.compactMap(\.controlPlane),
            cni: taken(try await cni)?.first?.settings)
        return (surroundings, diagnostics)
    }

    private struct Facts<Item: Sendable>: Sendable {
        /// nil where they may not be read.
        var items: [Item]?
        var diagnostic: Diagnostic?
    }

    private func facts<Item: Decodable & Sendable>(
        _ resource: KubernetesResource, _ type: Item.Type, labelSelector: String? = nil,
        fieldSelector: String? = nil, without question: String
    ) async throws(KubernetesError) -> Facts<Item> {
        do {
            let list = try await client.list(
                resource, labelSelector: labelSelector, fieldSelector: fieldSelector,
                decoder: .json(type))
            return Facts(items: list?.items ?? [])
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            return Facts(
                diagnostic: Diagnostic(
                    .cannotJudge, .note,
                    "\(resource.text) may not be listed: cannot judge \(question)"))
        }
    }
}
