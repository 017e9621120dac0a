import KubernetesClient
import MeshCluster

/// The lock of the cluster as an emergency meets it: who has it is asked to stop, and is not waited for until
/// all is relaxed.
struct ClusterLock {
    /// Who has it; nil where nobody has, or nobody knows.
    let rival: LeaseHolder?
    private let namespace: String
    private let connection: ClusterConnection
    private let context: CommandContext
    private let holder: LeaseHolder

    static func ask(
        _ options: ClusterOptions, _ connection: ClusterConnection, _ context: CommandContext
    ) async -> ClusterLock {
        let holder = LeaseHolder(
            person: context.person, processID: context.processID, command: "rollback",
            bits: context.randomBits())
        let rival = try? await RunLease.askToStop(
            namespace: options.stateNamespace, as: holder, client: connection.client)
        return ClusterLock(
            rival: rival, namespace: options.stateNamespace, connection: connection,
            context: context, holder: holder)
    }

    /// Once who had it has stopped, is gone, or does not answer.
    func acquire() async throws -> RunLease {
        try await RunLease.acquire(
            namespace: namespace, as: holder, .insists, client: connection.client,
            clock: connection.clock, patience: .seconds(30), tell: { _ in })
    }
}
