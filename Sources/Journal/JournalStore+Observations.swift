import GRDB
package import MeshPlanning
package import MeshModel
import Timing

extension JournalStore {
    /// Writes down one sample, all of it or, when it throws, nothing: what was new in it, and up to where each
    /// proxy's telemetry is now stored.
    ///
    /// - Parameters:
    ///   - watermarks: those that have changed, by proxy.
    ///   - gone: proxies that are not there any more.
    package func record(
        _ flows: [ObservedFlow], watermarks: [String: ProxyWatermark], gone: [String],
        in window: ObservationWindow, clusterUID: String
    ) throws(JournalError) {
        try write { database in
            try database.add(flows, clusterUID: clusterUID)
            let upsert = try database.cachedStatement(
                sql:
                    "INSERT OR REPLACE INTO observed_proxy (cluster_uid, proxy, watermark) VALUES (?, ?, ?)"
            )
            for (proxy, watermark) in watermarks.sorted(by: { $0.key < $1.key }) {
                try upsert.execute(arguments: [
                    clusterUID, proxy, try JournalCoding.text(of: watermark),
                ])
            }
            let delete = try database.cachedStatement(
                sql: "DELETE FROM observed_proxy WHERE cluster_uid = ? AND proxy = ?")
            for proxy in gone { try delete.execute(arguments: [clusterUID, proxy]) }
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO observation
                        (cluster_uid, started_at, goal, covered, sampled_at)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    clusterUID, window.startedAt.milliseconds, window.goal, window.covered,
                    window.sampledAt?.milliseconds,
                ])
        }
    }

    /// Oldest first.
    package func observations(clusterUID: String) throws(JournalError) -> [ObservationWindow] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT started_at, goal, covered, sampled_at FROM observation
                    WHERE cluster_uid = ? ORDER BY started_at
                    """, arguments: [clusterUID]
            ).map { row in
                ObservationWindow(
                    startedAt: Timestamp(milliseconds: row["started_at"]), goal: row["goal"],
                    covered: row["covered"],
                    sampledAt: (row["sampled_at"] as Int64?).map(Timestamp.init(milliseconds:)))
            }
        }
    }

    /// By proxy. Throws `damaged` for one that no meshctl wrote.
    package func watermarks(clusterUID: String) throws(JournalError) -> [String: ProxyWatermark] {
        try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT proxy, watermark FROM observed_proxy WHERE cluster_uid = ?",
                arguments: [clusterUID])
            var found: [String: ProxyWatermark] = [:]
            while let row = try rows.next() {
                found[row["proxy"]] = try ProxyWatermark(row, path: path)
            }
            return found
        }
    }
}

extension ProxyWatermark {
    /// Throws `damaged` for a row that no meshctl wrote.
    init(_ row: Row, path: String) throws {
        guard let watermark = try? JournalCoding.value(ProxyWatermark.self, from: row["watermark"])
        else {
            throw JournalError.damaged(
                path: path, detail: "a row of observed_proxy has no meaning")
        }
        self = watermark
    }
}
