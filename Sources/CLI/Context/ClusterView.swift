import Diagnostics
import MeshCluster
import MeshModel

/// The observed state for a reading command: from the cluster, or from manifests with no kubeconfig opened.
struct ClusterView {
    var observation: Observation
    /// How the source is called in messages.
    var name: String

    static func read(
        cluster: ClusterOptions, manifests: ManifestOptions, rootNamespace: String?,
        _ context: CommandContext
    ) async throws -> ClusterView {
        guard manifests.manifests.isEmpty else {
            let paths = manifests.manifests.map { $0 == "-" ? $0 : context.resolve($0) }
            return ClusterView(
                observation: try ManifestReader.observe(
                    paths: paths, rootNamespace: rootNamespace),
                name: "manifests")
        }
        return try await ClusterConnection.with(cluster, context) { connection in
            return ClusterView(
                observation: try await ClusterObserver(connection.client).observe(
                    rootNamespace: rootNamespace),
                name: connection.name)
        }
    }
}
