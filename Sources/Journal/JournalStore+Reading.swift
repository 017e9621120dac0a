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

    package init(header: RunHeader, startedAt: Timestamp) {
        self.header = header
        self.startedAt = startedAt
    }
}

extension JournalStore {
    /// nil when no run has this id.
    package func run(_ id: RunID) throws(JournalError) -> RunSummary? {
        try summaries(where: "id = :id", ["id": id.text]).first
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

    /// In their order, from `started` on. Throws `unknownRun`, and `unreadableEvent` for one that was not
    /// written by this schema, or stands where it cannot.
    package func events(of run: RunID) throws(JournalError) -> [RecordedEvent] {
        try read { try $0.events(of: run) }
    }

    /// The run as its events tell it; nil where they do not begin with its beginning. Throws as `events` does.
    package func state(of run: RunID) throws(JournalError) -> RunState? {
        RunState(replaying: try events(of: run).map(\.event))
    }

    /// The newest run is the one journaled last (rows are never deleted, so their numbers only grow): by a
    /// clock that was set back it may be an older one. An import keeps to that.
    private func summaries(
        where condition: String, _ arguments: StatementArguments
    ) throws(JournalError) -> [RunSummary] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, header, started_at FROM run
                    WHERE \(condition) ORDER BY run.rowid DESC
                    """, arguments: arguments)
            return try rows.map(summary)
        }
    }

    private func summary(_ row: Row) throws -> RunSummary {
        do {
            return RunSummary(
                header: try JournalCoding.value(RunHeader.self, from: row["header"]),
                startedAt: Timestamp(milliseconds: row["started_at"]))
        } catch {
            throw JournalError.unreadableEvent(
                RunID(row["id"]), sequence: 1, detail: String(describing: error))
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

extension Database {
    func events(of run: RunID) throws -> [RecordedEvent] {
        let rows = try Row.fetchCursor(
            self, sql: "SELECT seq, at, payload FROM event WHERE run = ? ORDER BY seq",
            arguments: [run.text])
        var events: [RecordedEvent] = []
        while let row = try rows.next() {
            let event = try recordedEvent(row, of: run)
            try Self.check(event, follows: events.count, in: run)
            events.append(event)
        }
        // Every run has its `started`.
        if events.isEmpty { throw JournalError.unknownRun(run) }
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

    /// A run that lost its beginning, or an event in its middle, would replay to something that never was.
    private static func check(
        _ event: RecordedEvent, follows count: Int, in run: RunID
    ) throws {
        guard event.sequence == count + 1 else {
            throw JournalError.unreadableEvent(
                run, sequence: count + 1, detail: "it is missing")
        }
        guard count == 0 else { return }
        guard case .started(let header, _) = event.event, header.id == run else {
            throw JournalError.unreadableEvent(
                run, sequence: 1, detail: "it is not this run's beginning")
        }
    }
}
