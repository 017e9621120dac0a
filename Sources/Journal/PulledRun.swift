package import MeshPlanning
package import Timing

/// Somebody else's run, as its checkpoint in the cluster tells it.
package struct PulledRun: Sendable, Hashable {
    package var header: RunHeader
    package var rollout: Rollout
    package var startedAt: Timestamp
    /// `stopped` or `finished`; nil while it has none.
    package var end: RunEvent?

    package init(header: RunHeader, rollout: Rollout, startedAt: Timestamp, end: RunEvent?) {
        self.header = header
        self.rollout = rollout
        self.startedAt = startedAt
        self.end = end
    }
}
