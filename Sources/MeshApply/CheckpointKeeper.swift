package import Journal
import KubernetesClient
package import MeshCluster
package import MeshPlanning

/// Keeps a run's checkpoint in the cluster in step with the run.
package struct CheckpointKeeper: Sendable {
    /// So many runs of a cluster and plan have checkpoints, besides those that are still needed.
    package static let history = 10

    private let store: CheckpointStore
    private let journal: JournalStore

    package init(_ store: CheckpointStore, _ journal: JournalStore) {
        self.store = store
        self.journal = journal
    }

    /// Writes the run's checkpoint, or what is missing of it.
    package func keep(_ run: RunState) async throws {
        let startedAt = try journal.run(run.header.id)?.startedAt
        guard let startedAt else { throw JournalError.unknownRun(run.header.id) }
        try await store.keep(
            Checkpoint(header: run.header, startedAt: startedAt, rollout: run.rollout),
            CheckpointStatus(run.status))
    }

    /// Notes in the cluster how the run ended, if it did.
    package func close(_ run: RunState) async throws {
        let status = CheckpointStatus(run.status)
        if status != .open { try await store.mark(run.header.id, status) }
    }

    /// Notes that newer runs took the place of these. Those without a checkpoint need no note.
    package func close(superseded runs: [RunID]) async throws {
        for run in runs {
            do {
                try await store.mark(run, .superseded)
            } catch {
                guard error.status?.isNotFound == true else { throw error }
            }
        }
    }

    /// Closes those that are open in the cluster, of runs that this journal has seen end.
    package func closeEnded(among entries: [CheckpointEntry]) async throws {
        for entry in entries where entry.status == .open {
            if let run = try state(of: entry.run) { try await close(run) }
        }
    }

    /// Whether this journal has seen the run end.
    package func hasSeenTheEnd(of run: RunID) throws -> Bool {
        try state(of: run).map { CheckpointStatus($0.status) != .open } ?? false
    }

    private func state(of run: RunID) throws -> RunState? {
        try journal.run(run) == nil ? nil : try journal.state(of: run)
    }

    /// Deletes the checkpoints of runs that nobody needs to go back from any more.
    package func forgetOld(
        _ entries: [CheckpointEntry], in history: RunHistory
    ) async throws {
        let ofRuns = Dictionary(
            entries.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
        for run in history.forgettable(beyond: Self.history) {
            if let entry = ofRuns[run] { try await store.delete(entry) }
        }
    }
}
