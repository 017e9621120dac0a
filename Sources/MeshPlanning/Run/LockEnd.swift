/// Why the lock of the cluster is a run's no longer, or is not to be for long.
package enum LockEnd: Sendable, Hashable {
    /// Somebody else has it: nothing may be written any more.
    case taken(by: String)
    /// Somebody asks for it: the run stops, and lets go of it.
    case asked(by: String, why: String)

    var stopReason: StopReason {
        switch self {
        case .taken(let who): .lockLost(to: who)
        case .asked(let who, let why): .stopRequested(by: who, why: why)
        }
    }
}
