import GRDB
package import Timing

/// The lock of a cluster, taken from its holder by hand.
package struct LockBreak: Sendable, Hashable {
    package var at: Timestamp
    /// `user@host`
    package var by: String
    /// Who had it, as the Lease said.
    package var heldBy: String
    package var reason: String

    package init(at: Timestamp, by: String, heldBy: String, reason: String) {
        self.at = at
        self.by = by
        self.heldBy = heldBy
        self.reason = reason
    }
}

extension JournalStore {
    package func record(_ lockBreak: LockBreak, clusterUID: String) throws(JournalError) {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO lock_break (cluster_uid, at, by, held_by, reason)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    clusterUID, lockBreak.at.milliseconds, lockBreak.by, lockBreak.heldBy,
                    lockBreak.reason,
                ])
        }
    }

    /// Oldest first.
    package func lockBreaks(clusterUID: String) throws(JournalError) -> [LockBreak] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT at, by, held_by, reason FROM lock_break
                    WHERE cluster_uid = ? ORDER BY rowid
                    """, arguments: [clusterUID]
            ).map { row in
                LockBreak(
                    at: Timestamp(milliseconds: row["at"]), by: row["by"],
                    heldBy: row["held_by"], reason: row["reason"])
            }
        }
    }
}
