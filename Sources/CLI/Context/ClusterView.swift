import Diagnostics
import MeshCluster
import MeshModel

/// The observed state for a reading command: from the cluster, or from manifests with no kubeconfig opened.
struct ClusterView {
    var observation: Observation
    /// How the source is called in messages.
    var name: String

    /// - Parameter withFlows: whether to list what only the judging of flows needs; manifests always give it.
    static func read(
        cluster: ClusterOptions, manifests: ManifestOptions, rootNamespace: String?,
        withFlows: Bool = false, _ context: CommandContext
    ) async throws -> ClusterView {
        guard manifests.manifests.isEmpty else {
            let paths = manifests.manifests.map { $0 == "-" ? $0 : context.resolve($0) }
            return ClusterView(
                observation: try ManifestReader.observe(
                    paths: paths, rootNamespace: rootNamespace),
                name: "manifests")
        }
        return try await ClusterConnection.with(cluster, context) { connection in
            let observer = ClusterObserver(connection.client)
            return ClusterView(
                observation: withFlows
                    ? try await observer.observeFlows(rootNamespace: rootNamespace)
                    : try await observer.observe(rootNamespace: rootNamespace),
                name: connection.name)
        }
    }
}
