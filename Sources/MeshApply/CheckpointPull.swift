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

    /// Each run is journaled wholly or not at all, in the order in which they began: the newest is then the
    /// newest here, too.
    ///
    /// - Parameter person: `user@host`
    package func run(by person: String, at now: Timestamp) async throws -> Result {
        var result = Result(entries: try await store.entries())
        for entry in result.entries {
            guard try journal.run(entry.run) != nil else {
                switch try await store.read(entry, clusterUID: clusterUID) {
                case .success(let checkpoint):
                    try journal.adopt(
                        checkpoint.header, checkpoint.rollout, end: entry.status.event, by: person,
                        startedAt: checkpoint.startedAt, at: now)
                    result.added.append(checkpoint.header)
                case .failure(let error): result.unusable.append(error)
                }
                continue
            }
            // What this journal began itself, it knows better.
            if let end = entry.status.event, try journal.isPulledAndOpen(entry.run) {
                try journal.append(end, to: entry.run, at: now)
                result.ended.append(entry.run)
            }
        }
        return result
    }
}
