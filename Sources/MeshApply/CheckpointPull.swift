package import Journal
package import MeshCluster
package import MeshPlanning
package import Timing

/// Learns from the checkpoints in the cluster which runs other machines made, and how they ended.
package struct CheckpointPull: Sendable {
    package struct Result: Sendable {
        /// Every checkpoint that there is, oldest first.
        package var entries: [CheckpointEntry] = []
        /// Runs that the journal did not know, oldest first.
        package var added: [RunHeader] = []
        /// Runs that the journal knew from their checkpoints, and that have ended since.
        package var ended: [RunID] = []
        /// Checkpoints of runs that the journal does not know, and that cannot be used.
        package var unusable: [CheckpointError] = []
    }

    private let store: CheckpointStore
    private let journal: JournalStore
    private let clusterUID: String

    package init(_ store: CheckpointStore, _ journal: JournalStore, clusterUID: String) {
        self.store = store
        self.journal = journal
        self.clusterUID = clusterUID
    }

    /// Every checkpoint is read before the first of them is journaled, and all are journaled at once: a pull that
    /// breaks off has pulled nothing.
    ///
    /// - Parameter person: `user@host`
    package func run(by person: String, at now: Timestamp) async throws -> Result {
        var result = Result(entries: try await store.entries())
        var runs: [PulledRun] = []
        var ends: [(run: RunID, end: RunEvent)] = []
        for entry in result.entries {
            if try journal.run(entry.run) == nil {
                switch try await store.read(entry, clusterUID: clusterUID) {
                case .success(let checkpoint):
                    runs.append(PulledRun(checkpoint, end: entry.status.event))
                case .failure(let error): result.unusable.append(error)
                }
            } else if let end = entry.status.event, try journal.isPulledAndOpen(entry.run) {
                // What this journal began itself, it knows better.
                ends.append((entry.run, end))
            }
        }
        try journal.adopt(runs, ends: ends, by: person, at: now)
        result.added = runs.map(\.header)
        result.ended = ends.map(\.run)
        return result
    }
}

extension PulledRun {
    fileprivate init(_ checkpoint: Checkpoint, end: RunEvent?) {
        self.init(
            header: checkpoint.header, rollout: checkpoint.rollout,
            startedAt: checkpoint.startedAt, end: end)
    }
}
