import Foundation
import GRDB
import MeshModel
import MeshPlanning
import Timing

extension JournalStore {
    /// Adds what an export has and the file does not, in one transaction: all of it or, when it throws, nothing.
    ///
    /// The same run in both is compared event by event: the file's own events stay, later ones are added, and
    /// one that differs is refused. Throws `StateImportFailure` for the text and `JournalError` for the file;
    /// what `piece` throws is passed on.
    ///
    /// - Parameter piece: the next bytes of the text; none at its end.
    package func importState(
        from piece: @escaping () throws -> [UInt8]
    ) throws -> StateImport {
        do {
            return try queue.write { database in
                var lines = BoundedLines(limit: StateDocument.longestLine, piece: piece)
                var importer = try StateImporter(
                    database, supported: JournalSchema.migrations.count)
                while true {
                    switch try lines.next() {
                    case .line(let bytes): try importer.take(bytes)
                    case .tooLong:
                        throw importer.failure(
                            .lineTooLong(limit: StateDocument.longestLine), after: true)
                    case .end: return try importer.end()
                    }
                }
            }
        } catch let error as DatabaseError {
            throw JournalError(error, path: path)
        }
    }
}

/// Takes in an export, line by line, inside the caller's transaction.
private struct StateImporter {
    /// A run that is being taken in.
    private struct Run {
        var id: RunID
        /// What the file has of it.
        var known: [RecordedEvent]
        /// Events that were taken.
        var count = 0
    }

    private let database: Database
    private let supported: Int
    private let places: RunPlaces
    private var result = StateImport()
    private var line = 0
    private var hasEnded = false
    private var run: Run?
    private var taken: Set<RunID> = []
    private var older: Int64 = 0

    init(_ database: Database, supported: Int) throws {
        self.database = database
        self.supported = supported
        places = try RunPlaces(database)
    }

    func failure(
        _ problem: StateImportFailure.Problem, after: Bool = false
    ) -> StateImportFailure {
        StateImportFailure(line: after ? line + 1 : line, problem: problem)
    }

    mutating func take(_ bytes: [UInt8]) throws {
        line += 1
        if hasEnded { throw failure(.afterTheEnd) }
        let content = try decoded(bytes)
        if line == 1 { return try begin(content) }
        switch content {
        case .header: throw failure(.malformed(detail: "a second header"))
        case .event(let run, let sequence, let at, let event):
            let event = RecordedEvent(
                sequence: sequence, time: Timestamp(milliseconds: at), event: event)
            try take(event, of: run)
        case .flow, .observation, .proxy: try takeObserved(content)
        case .lockBreak(let cluster, let at, let by, let heldBy, let reason):
            try database.execute(
                sql: Self.addLockBreak, arguments: [cluster, at, by, heldBy, reason])
            result.lockBreaks += database.changesCount
        case .end(let lines):
            guard lines == line - 1 else { throw failure(.wrongCount(lines)) }
            hasEnded = true
        }
    }

    mutating func end() throws -> StateImport {
        guard hasEnded else { throw failure(line == 0 ? .notAnExport : .cutShort, after: true) }
        closeRun()
        return result
    }

    private func decoded(_ bytes: [UInt8]) throws -> StateDocument.Line {
        do {
            return try JSONDecoder().decode(StateDocument.Line.self, from: Data(bytes))
        } catch {
            if line == 1 { throw failure(.notAnExport) }
            throw failure(.malformed(detail: Self.words(error)))
        }
    }

    private func begin(_ content: StateDocument.Line) throws {
        guard case .header(StateDocument.format, let version, let schema, _) = content else {
            throw failure(.notAnExport)
        }
        guard version <= StateDocument.version else {
            throw failure(.newerFormat(version, supported: StateDocument.version))
        }
        guard schema <= supported else {
            throw failure(.newerSchema(schema, supported: supported))
        }
    }

    // MARK: - Runs

    private mutating func take(_ event: RecordedEvent, of id: RunID) throws {
        if event.sequence == 1 { try open(event, of: id) }
        guard var run, run.id == id, event.sequence == run.count + 1 else {
            throw failure(.outOfOrder(id, sequence: event.sequence))
        }
        if run.count < run.known.count {
            guard run.known[run.count] == event else {
                throw failure(.differs(id, sequence: event.sequence))
            }
        } else {
            if run.known.isEmpty, case .started(let header, _) = event.event {
                try insert(header, at: event.time)
            }
            try database.append(event.event, to: id, at: event.time)
        }
        run.count += 1
        self.run = run
    }

    private mutating func open(_ event: RecordedEvent, of id: RunID) throws {
        guard case .started(let header, _) = event.event, header.id == id,
            taken.insert(id).inserted
        else { throw failure(.outOfOrder(id, sequence: 1)) }
        closeRun()
        let isKnown = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)", arguments: [id.text])
        run = Run(id: id, known: isKnown == true ? try database.events(of: id) : [])
    }

    private mutating func insert(_ header: RunHeader, at time: Timestamp) throws {
        switch places.place(of: header.clusterUID, time) {
        case .newest:
            try database.insert(header, at: time)
        case .oldest:
            try database.insert(header, at: time, row: places.lowest + older)
            older += 1
        case nil:
            throw failure(.between(header.id))
        }
    }

    private mutating func closeRun() {
        guard let run else { return }
        if run.known.isEmpty {
            result.new.append(run.id)
        } else if run.count > run.known.count {
            result.extended.append(run.id)
        } else {
            result.known.append(run.id)
        }
        self.run = nil
    }

    // MARK: - What was observed

    /// Twice the same text must not count twice: of a row that is in both, the one that saw more stays.
    private mutating func takeObserved(_ content: StateDocument.Line) throws {
        switch content {
        case .flow(
            let cluster, let client, let server, let port, let security, let first, let last,
            let connections):
            guard ObservedFlow.Client(key: client) != nil, connections >= 0,
                ObservedFlow.Server(key: server, port: port) != nil
            else { throw failure(.malformed(detail: "a flow whose ends have no meaning")) }
            try database.execute(
                sql: Self.mergeFlow,
                arguments: [
                    cluster, client, server, port, security.rawValue, first, last, connections,
                ])
        case .observation(let cluster, let startedAt, let goal, let covered, let sampledAt):
            try database.execute(
                sql: Self.mergeObservation,
                arguments: [cluster, startedAt, goal, covered, sampledAt])
        case .proxy(let cluster, let proxy, let watermark):
            try database.execute(
                sql: """
                    INSERT INTO observed_proxy (cluster_uid, proxy, watermark) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [cluster, proxy, try JournalCoding.text(of: watermark)])
        case .header, .event, .lockBreak, .end: return
        }
        result.observed += database.changesCount
    }

    private static let mergeFlow = """
        INSERT INTO observed_flow
            (cluster_uid, client, server, port, security, first_seen, last_seen, connections)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
            first_seen = min(first_seen, excluded.first_seen),
            last_seen = max(last_seen, excluded.last_seen),
            connections = max(connections, excluded.connections)
        WHERE first_seen > excluded.first_seen OR last_seen < excluded.last_seen
            OR connections < excluded.connections
        """

    private static let mergeObservation = """
        INSERT INTO observation (cluster_uid, started_at, goal, covered, sampled_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET covered = excluded.covered, sampled_at = excluded.sampled_at
        WHERE covered < excluded.covered
        """

    private static let addLockBreak = """
        INSERT INTO lock_break (cluster_uid, at, by, held_by, reason)
        SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
            SELECT 1 FROM lock_break
            WHERE cluster_uid = ?1 AND at = ?2 AND by = ?3 AND held_by = ?4 AND reason = ?5)
        """

    /// The reader's own words for what is wrong, without the value that it found.
    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it cannot be read" }
        switch error {
        case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? "it is no such JSON" : "\(place) is not as it should be"
        @unknown default: return "it cannot be read"
        }
    }
}

/// Where runs from elsewhere go among those of the file. Which run is the newest of its cluster decides what
/// `apply` goes on with and `rollback` undoes, so those that are there keep their order.
private struct RunPlaces {
    enum Place { case newest, oldest }

    /// The first row for runs that are older than all of the file: far enough below for any import.
    let lowest: Int64
    /// When the runs of each cluster began.
    private let spans: [String: ClosedRange<Int64>]

    init(_ database: Database) throws {
        let first = try Int64.fetchOne(database, sql: "SELECT min(rowid) FROM run") ?? 0
        lowest = first - (1 << 32)
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT cluster_uid, min(started_at) AS first, max(started_at) AS last
                FROM run GROUP BY cluster_uid
                """)
        spans = Dictionary(
            rows.map { row in
                let (first, last): (Int64, Int64) = (row["first"], row["last"])
                return (row["cluster_uid"], first...last)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// nil for one that began between others.
    func place(of cluster: String, _ start: Timestamp) -> Place? {
        guard let span = spans[cluster] else { return .newest }
        if start.milliseconds > span.upperBound { return .newest }
        return start.milliseconds < span.lowerBound ? .oldest : nil
    }
}
