package import Timing

/// One `meshctl observe`, through all its interruptions.
package struct ObservationWindow: Sendable, Hashable {
    package var startedAt: Timestamp
    /// For how long was asked, in milliseconds.
    package var goal: Int64
    /// How much of it lies between stored samples of one process of meshctl, in milliseconds.
    package var covered: Int64
    /// nil before the first stored sample.
    package var sampledAt: Timestamp?

    package init(
        startedAt: Timestamp, goal: Int64, covered: Int64 = 0, sampledAt: Timestamp? = nil
    ) {
        self.startedAt = startedAt
        self.goal = goal
        self.covered = covered
        self.sampledAt = sampledAt
    }

    /// In milliseconds.
    package var remaining: Int64 { max(0, goal.subtractingClamped(covered)) }
    package var isComplete: Bool { sampledAt != nil && remaining == 0 }
}
