package import MeshPlanning
package import Timing

extension JournalStore {
    /// Writes down somebody else's run, as its checkpoint in the cluster tells it, with its end where that is
    /// known: all of it or, when it throws, nothing. Throws `runExists` for an id that is taken.
    ///
    /// - Parameters:
    ///   - end: `stopped` or `finished`; nil while it has none.
    ///   - start: when the run began.
    ///   - time: now.
    package func adopt(
        _ header: RunHeader, _ rollout: Rollout, end: RunEvent?, by person: String,
        startedAt start: Timestamp, at time: Timestamp
    ) throws(JournalError) {
        try write { database in
            try database.insert(header, at: start)
            try database.append(.started(header, rollout), to: header.id, at: start)
            try database.append(.pulled(by: person), to: header.id, at: time)
            if let end { try database.append(end, to: header.id, at: time) }
        }
    }
}
