package import Timing

/// What one look at the proxies showed, of all that the guards want to see.
package struct GuardLook: Sendable, Hashable, Codable {
    /// Milliseconds since 1970, by the clock of the run.
    package var at: Int64
    /// What could not be seen, a line each.
    package var unseen: [String]

    package init(at time: Timestamp, unseen: [String] = []) {
        at = time.milliseconds
        self.unseen = unseen
    }
}
