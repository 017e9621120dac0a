import Diagnostics
import MeshCluster
import MeshModel
import MeshPlanning

/// The observed state for a reading command: from the cluster, or from manifests with no kubeconfig opened.
struct ClusterView {
    var observation: Observation
    /// How the source is called in messages.
    var name: String
    /// Manifests may name a cluster, but nothing was seen in them.
    var isCluster = true

    static func read(
        cluster: ClusterOptions, manifests: ManifestOptions, rootNamespace: String?,
        _ context: CommandContext
    ) async throws -> ClusterView {
        guard manifests.manifests.isEmpty else {
            let paths = manifests.manifests.map { $0 == "-" ? $0 : context.resolve($0) }
            return ClusterView(
                observation: try ManifestReader.observe(
                    paths: paths, rootNamespace: rootNamespace),
                name: "manifests", isCluster: false)
        }
        return try await ClusterConnection.with(cluster, context) { connection in
            return ClusterView(
                observation: try await ClusterObserver(connection.client).observe(
                    rootNamespace: rootNamespace),
                name: connection.name)
        }
    }

    /// Who was seen calling whom in this cluster, as the state file keeps it; of manifests, nobody.
    func observedFlows(
        _ options: StateOptions, _ context: CommandContext
    ) throws -> [ObservedFlow] {
        guard isCluster else { return [] }
        return try StateReader.observedFlows(
            options, clusterUID: observation.state.clusterUID, context)
    }

    /// When somebody watched this cluster.
    func observations(
        _ options: StateOptions, _ context: CommandContext
    ) throws -> [ObservationWindow] {
        guard isCluster else { return [] }
        return try StateReader.observations(
            options, clusterUID: observation.state.clusterUID, context)
    }
}
