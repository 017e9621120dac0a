import GRDB
package import MeshPlanning
package import Timing

extension JournalStore {
    /// Writes down other people's runs, and how those that were written down before have ended: all of it or, when
    /// it throws, nothing. Who knew the older of two runs and not the newer would take what the newer did for
    /// somebody's change by hand.
    ///
    /// Throws `runExists` for an id that is taken.
    ///
    /// - Parameters:
    ///   - runs: in the order in which they began: the newest is then the newest here, too.
    ///   - person: who pulls, `user@host`.
    ///   - time: now.
    package func adopt(
        _ runs: [PulledRun], ends: [(run: RunID, end: RunEvent)] = [], by person: String,
        at time: Timestamp
    ) throws(JournalError) {
        guard !runs.isEmpty || !ends.isEmpty else { return }
        try write { database in
            for run in runs {
                let id = run.header.id
                try database.insert(run.header, at: run.startedAt)
                try database.append(.started(run.header, run.rollout), to: id, at: run.startedAt)
                try database.append(.pulled(by: person), to: id, at: time)
                if let end = run.end { try database.append(end, to: id, at: time) }
            }
            for (run, end) in ends { try database.append(end, to: run, at: time) }
        }
    }

    /// Whether a run is known from its checkpoint alone, and its end is not. Asked without reading the run: after
    /// `pulled` comes nothing but an end.
    package func isPulledAndOpen(_ run: RunID) throws(JournalError) -> Bool {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT kind FROM event WHERE run = ? ORDER BY seq DESC LIMIT 1",
                arguments: [run.text]) == RunEvent.pulled(by: "").kind
        }
    }
}
