/// What has to be stored together, so that the contents on disk are of one moment.
package struct SandboxCommit: Sendable {
    /// In order; watchers are told of them afterwards.
    package var changes: [SandboxChange]
    var bookkeeping: SandboxCluster.Bookkeeping
    /// What the writes mean for traffic that is not counted yet.
    var trafficChanges: [TrafficChange]
    /// Set when traffic was counted since: then `trafficChanges` are all that are left.
    var ledger: TrafficLedger?
}

extension SandboxCluster {
    /// What there is to store since the last call; nil when nothing but the time has moved.
    ///
    /// Counted traffic alone is no reason: it is counted again from what is stored, to the same result.
    package mutating func takeCommit() -> SandboxCommit? {
        let before = storedFaults
        let changes = takeChanges()
        guard !changes.isEmpty || faults != before else { return nil }
        return commit(changes)
    }

    /// What there is to store in any case, the time included.
    package mutating func takeFinalCommit() -> SandboxCommit { commit(takeChanges()) }

    private mutating func commit(_ changes: [SandboxChange]) -> SandboxCommit {
        var commit = SandboxCommit(
            changes: changes, bookkeeping: bookkeeping, trafficChanges: [], ledger: nil)
        storedFaults = faults
        guard let traffic else { return commit }
        if traffic.isUnsaved {
            commit.ledger = traffic.ledger
            commit.trafficChanges = traffic.changes
            self.traffic?.isUnsaved = false
        } else if let first = changes.first?.resourceVersion {
            commit.trafficChanges = traffic.changes.filter { $0.version >= first }
        }
        return commit
    }
}
