/// The exit codes of meshctl (`docs/exit-codes.md`). Where several apply: 5, 4, 10, 3; and 9 wins over 2.
package enum ExitStatus: Int32, Sendable {
    /// Done, or nothing to do.
    case success = 0
    /// An error before the first write.
    case failure = 1
    /// Changes are planned (`plan --detailed-exitcode`).
    case changesPlanned = 2
    /// Stopped by a gate, an approval, a soak or a wait that did not come to its end; the same command goes on.
    case stopped = 3
    /// Failed, and rolled back as far as the run does that by itself.
    case rolledBack = 4
    /// A rollback had to leave something; a person is needed.
    case rollbackIncomplete = 5
    /// Another meshctl holds the lock.
    case locked = 6
    /// A stale saved plan, or the wrong cluster.
    case stale = 7
    /// No safe order, or an error among the plan's findings.
    case blocked = 9
    /// Stopped part-way: changes were made, the journal is clean.
    case partial = 10
    case usage = 64
    case notPermitted = 77
    case interrupted = 130
}

/// A command's end other than success: the code, and what to say on standard error.
package struct CommandFailure: Error, Sendable {
    package var status: ExitStatus
    /// Ready to print, without `Error:`; empty when everything was said before.
    package var message: String

    package init(_ status: ExitStatus, _ message: String = "") {
        self.status = status
        self.message = message
    }
}
