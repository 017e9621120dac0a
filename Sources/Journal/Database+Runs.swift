import Foundation
import GRDB
import MeshModel
import MeshPlanning
import Timing

extension Database {
    /// - Parameter row: its place among the runs, which are read in the order of their rows; nil for the newest.
    func insert(_ header: RunHeader, at time: Timestamp, row: Int64? = nil) throws {
        let taken = try Bool.fetchOne(
            self, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)",
            arguments: [header.id.text])
        if taken ?? false { throw JournalError.runExists(header.id) }
        try execute(
            sql: """
                INSERT INTO run
                    (rowid, id, kind, plan, cluster_uid, stage, target, started_at, header)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                row, header.id.text, header.kind.rawValue, header.plan, header.clusterUID,
                header.stage?.rawValue, header.target?.text, time.milliseconds,
                try JournalCoding.text(of: header),
            ])
    }

    func append(_ event: RunEvent, to run: RunID, at time: Timestamp) throws {
        let payload = try JournalCoding.text(of: event)
        let statement = try cachedStatement(
            sql: """
                INSERT INTO event (run, seq, at, kind, payload)
                SELECT id, 1 + (SELECT coalesce(max(seq), 0) FROM event WHERE run = id), ?, ?, ?
                FROM run WHERE id = ?
                """)
        try statement.execute(arguments: [time.milliseconds, event.kind, payload, run.text])
        if changesCount == 0 { throw JournalError.unknownRun(run) }
    }
}

/// How values are kept in the file: JSON with sorted members, so that equal values give equal rows.
enum JournalCoding {
    static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
