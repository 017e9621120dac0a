import GRDB
import MeshModel
import MeshPlanning
import Timing

extension JournalStore {
    /// Writes all that the file holds as text that `importState` takes: the same contents give the same text.
    ///
    /// Throws `JournalError`, also for an event that cannot be read: nothing is left out in silence. What `write`
    /// throws is passed on.
    ///
    /// - Parameters:
    ///   - meshctl: the version of the program, for the header.
    ///   - write: takes each line, with its line break.
    package func exportState(
        meshctl: String, to write: (String) throws -> Void
    ) throws {
        var count = 0
        func put(_ line: StateDocument.Line) throws {
            try write(try JournalCoding.text(of: line) + "\n")
            count += 1
        }
        do {
            // One transaction: what is written meanwhile is not in it, in whole.
            try queue.read { database in
                try put(
                    .header(
                        format: StateDocument.format, version: StateDocument.version,
                        schema: try database.userVersion(), meshctl: meshctl))
                for run in try String.fetchAll(database, sql: "SELECT id FROM run ORDER BY rowid") {
                    for event in try database.events(of: RunID(run)) {
                        try put(
                            .event(
                                run: RunID(run), sequence: event.sequence,
                                at: event.time.milliseconds, event: event.event))
                    }
                }
                try database.exportFlows(path: path, put)
                try database.exportObservations(put)
                try database.exportWatermarks(path: path, put)
                try database.exportLockBreaks(put)
                try put(.end(lines: count))
            }
        } catch let error as DatabaseError {
            throw JournalError(error, path: path)
        }
    }
}

extension Database {
    fileprivate func exportFlows(
        path: String, _ put: (StateDocument.Line) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT cluster_uid, client, server, port, security, first_seen, last_seen, connections
                FROM observed_flow ORDER BY cluster_uid, client, server, port, security
                """)
        while let row = try rows.next() {
            guard let flow = ObservedFlow(row) else {
                throw JournalError.damaged(
                    path: path, detail: "a row of observed_flow has no meaning")
            }
            let server = flow.server.key
            try put(
                .flow(
                    cluster: row["cluster_uid"], client: flow.client.key, server: server.text,
                    port: server.port, security: flow.security,
                    firstSeen: flow.firstSeen.milliseconds, lastSeen: flow.lastSeen.milliseconds,
                    connections: flow.connections))
        }
    }

    fileprivate func exportObservations(_ put: (StateDocument.Line) throws -> Void) throws {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT cluster_uid, started_at, goal, covered, sampled_at FROM observation
                ORDER BY cluster_uid, started_at
                """)
        while let row = try rows.next() {
            try put(
                .observation(
                    cluster: row["cluster_uid"], startedAt: row["started_at"], goal: row["goal"],
                    covered: row["covered"], sampledAt: row["sampled_at"]))
        }
    }

    fileprivate func exportWatermarks(
        path: String, _ put: (StateDocument.Line) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT cluster_uid, proxy, watermark FROM observed_proxy
                ORDER BY cluster_uid, proxy
                """)
        while let row = try rows.next() {
            try put(
                .proxy(
                    cluster: row["cluster_uid"], proxy: row["proxy"],
                    watermark: try ProxyWatermark(row, path: path)))
        }
    }

    fileprivate func exportLockBreaks(_ put: (StateDocument.Line) throws -> Void) throws {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT cluster_uid, at, by, held_by, reason FROM lock_break
                ORDER BY cluster_uid, at, by, held_by, reason
                """)
        while let row = try rows.next() {
            try put(
                .lockBreak(
                    cluster: row["cluster_uid"], at: row["at"], by: row["by"],
                    heldBy: row["held_by"], reason: row["reason"]))
        }
    }
}
