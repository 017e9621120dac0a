import GRDB
package import MeshPlanning
package import Timing

/// An event with its place in the run.
package struct RecordedEvent: Sendable, Hashable {
    /// From 1, without gaps.
    package var sequence: Int
    package var time: Timestamp
    package var event: RunEvent

    package init(sequence: Int, time: Timestamp, event: RunEvent) {
        self.sequence = sequence
        self.time = time
        self.event = event
    }
}

/// A run as a list shows it.
package struct RunSummary: Sendable, Hashable {
    package var header: RunHeader
    package var startedAt: Timestamp
    /// When the latest event was journaled.
    package var latestAt: Timestamp
    package var status: RunState.Status

    package init(
        header: RunHeader, startedAt: Timestamp, latestAt: Timestamp, status: RunState.Status
    ) {
        self.header = header
        self.startedAt = startedAt
        self.latestAt = latestAt
        self.status = status
    }

    /// Whether it still has something to do, as `RunState.isFinished` says.
    package var isOpen: Bool {
        switch status {
        case .finished, .stopped(.superseded): false
        case .open, .stopped: true
        }
    }
}

extension JournalStore {
    /// nil when no run has this id.
    package func run(_ id: RunID) throws(JournalError) -> RunSummary? {
        try summaries(where: "id = :id", ["id": id.text], limit: 1).first
    }

    /// The runs, newest first; of one cluster, or of one plan, where these are given.
    package func runs(
        cluster: String? = nil, plan: String? = nil
    ) throws(JournalError) -> [RunSummary] {
        try summaries(
            where: """
                (:cluster IS NULL OR cluster_uid = :cluster) AND (:plan IS NULL OR plan = :plan)
                """, ["cluster": cluster, "plan": plan])
    }

    /// The newest run of this cluster and plan that still has something to do.
    package func openRun(cluster: String, plan: String) throws(JournalError) -> RunSummary? {
        try runs(cluster: cluster, plan: plan).first(where: \.isOpen)
    }

    /// Throws `unknownRun`, and `unreadableEvent` for one that was not written by this schema.
    package func events(of run: RunID) throws(JournalError) -> [RecordedEvent] {
        let events = try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT seq, at, payload FROM event WHERE run = ? ORDER BY seq",
                arguments: [run.text])
            var events: [RecordedEvent] = []
            while let row = try rows.next() { events.append(try recordedEvent(row, of: run)) }
            return events
        }
        // Every run has its `started`.
        if events.isEmpty { throw .unknownRun(run) }
        return events
    }

    private func recordedEvent(_ row: Row, of run: RunID) throws -> RecordedEvent {
        let sequence: Int = row["seq"]
        do {
            return RecordedEvent(
                sequence: sequence, time: Timestamp(milliseconds: row["at"]),
                event: try JournalCoding.value(RunEvent.self, from: row["payload"]))
        } catch {
            throw JournalError.unreadableEvent(
                run, sequence: sequence, detail: String(describing: error))
        }
    }

    /// A status is not kept but read from the latest event that sets one, so that it cannot disagree
    /// with the events. The newest run is the one journaled last (rows are never deleted, so their numbers
    /// only grow): by a clock that was set back it may be an older one.
    private func summaries(
        where condition: String, _ arguments: StatementArguments, limit: Int = -1
    ) throws(JournalError) -> [RunSummary] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, header, started_at,
                        (SELECT at FROM event WHERE run = id ORDER BY seq DESC LIMIT 1) AS latest_at,
                        (SELECT CASE kind WHEN 'started' THEN NULL ELSE payload END FROM event
                            WHERE run = id AND kind IN ('started', 'resumed', 'stopped', 'finished')
                            ORDER BY seq DESC LIMIT 1) AS status
                    FROM run WHERE \(condition) ORDER BY run.rowid DESC LIMIT \(limit)
                    """, arguments: arguments)
            return try rows.map(summary)
        }
    }

    private func summary(_ row: Row) throws -> RunSummary {
        let id = RunID(row["id"])
        let startedAt = Timestamp(milliseconds: row["started_at"])
        let latest: Int64? = row["latest_at"]
        let status: String? = row["status"]
        do {
            return RunSummary(
                header: try JournalCoding.value(RunHeader.self, from: row["header"]),
                startedAt: startedAt,
                latestAt: latest.map { Timestamp(milliseconds: $0) } ?? startedAt,
                status: try status.map {
                    try JournalCoding.value(RunEvent.self, from: $0).status
                } ?? .open)
        } catch {
            throw JournalError.unreadableEvent(id, sequence: 0, detail: String(describing: error))
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws(JournalError) -> T {
        do {
            return try queue.read(body)
        } catch {
            throw JournalError(error, path: path)
        }
    }
}

extension RunEvent {
    /// The status that a run has after this event; only asked of those that set one.
    fileprivate var status: RunState.Status {
        switch self {
        case .stopped(let reason): .stopped(reason)
        case .finished(let outcome): .finished(outcome)
        default: .open
        }
    }
}
