import Foundation
import GRDB
import JSON

/// A sandbox's contents on disk, in one SQLite file. The cluster in memory is the truth while it is
/// open; each write is committed, synced, before anybody hears of it.
package final class SandboxStore: Sendable {
    private let queue: DatabaseQueue
    private let path: String
    /// `PRAGMA application_id` of a sandbox file: "mctS".
    private static let applicationID = 0x6D63_7453
    private static let version = 2

    /// Opens the file, or makes it with what `initial` gives. Throws `damaged` for a file that is not
    /// a sandbox's.
    package static func open(
        path: String, initial: () throws(SandboxStoreError) -> SandboxCluster
    ) throws(SandboxStoreError) -> (store: SandboxStore, cluster: SandboxCluster) {
        let isNew = !FileManager.default.fileExists(atPath: path)
        let store = try SandboxStore(path: path, isNew: isNew)
        guard isNew else { return (store, try store.load()) }
        do throws(SandboxStoreError) {
            let cluster = try initial()
            try store.begin(with: cluster)
            return (store, cluster)
        } catch {
            // Half-made contents would count as damaged at the next start.
            store.erase()
            throw error
        }
    }

    private init(path: String, isNew: Bool) throws(SandboxStoreError) {
        self.path = path
        if isNew {
            let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw .io(path: path, why: String(cString: strerror(errno)))
            }
            _ = Foundation.close(descriptor)
        }
        do {
            var configuration = Configuration()
            configuration.journalMode = .wal
            queue = try DatabaseQueue(path: path, configuration: configuration)
            // GRDB sets NORMAL after opening in WAL mode; only FULL survives a power cut.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch {
            throw .damaged(path: path, why: Self.text(error))
        }
    }

    private static func text(_ error: any Error) -> String {
        (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(error)"
    }

    private func begin(with cluster: SandboxCluster) throws(SandboxStoreError) {
        try writing { database in
            try database.execute(
                sql: """
                    CREATE TABLE object (
                        resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                        document TEXT NOT NULL, PRIMARY KEY (resource, namespace, name)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE bookkeeping (id INTEGER PRIMARY KEY CHECK (id = 1), document TEXT NOT NULL) STRICT;
                    PRAGMA application_id = \(Self.applicationID);
                    """)
            try Self.addTraffic(database)
            for (key, object) in cluster.allObjects.sorted(by: { $0.key < $1.key }) {
                try Self.upsert(key, object, database)
            }
            try Self.keep(cluster.bookkeeping, database)
            try Self.keep(cluster.traffic?.ledger, cluster.traffic?.changes ?? [], database)
        }
    }

    /// The tables of version 2; a sandbox of version 1 goes on without traffic until it is reset.
    private static func addTraffic(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE traffic (id INTEGER PRIMARY KEY CHECK (id = 1), document TEXT NOT NULL) STRICT;
                CREATE TABLE traffic_change (version INTEGER PRIMARY KEY, document TEXT NOT NULL) STRICT;
                PRAGMA user_version = \(version);
                """)
    }

    package func commit(_ commit: SandboxCommit) throws(SandboxStoreError) {
        try writing { database in
            for change in commit.changes {
                if let object = change.new {
                    try Self.upsert(change.key, object, database)
                } else {
                    try database.execute(
                        sql: "DELETE FROM object WHERE resource = ? AND namespace = ? AND name = ?",
                        arguments: [change.key.resource, change.key.namespace, change.key.name])
                }
            }
            try Self.keep(commit.bookkeeping, database)
            try Self.keep(commit.ledger, commit.trafficChanges, database)
        }
    }

    /// A new ledger comes with all the changes that are left; without one there are only more of them.
    private static func keep(
        _ ledger: TrafficLedger?, _ changes: [TrafficChange], _ database: Database
    ) throws {
        if let ledger {
            try database.cachedStatement(sql: "DELETE FROM traffic_change").execute()
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO traffic (id, document) VALUES (1, ?)"
            ).execute(arguments: [try JSONValue(encoding: ledger).canonicalText])
        }
        for change in changes {
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO traffic_change (version, document) VALUES (?, ?)"
            ).execute(
                arguments: [change.version, change.document.canonicalText])
        }
    }

    private func writing(
        _ body: (Database) throws -> Void
    ) throws(SandboxStoreError) {
        do {
            try queue.write(body)
        } catch {
            throw .io(path: path, why: Self.text(error))
        }
    }

    private static func upsert(
        _ key: ObjectKey, _ object: JSONValue, _ database: Database
    ) throws {
        try database.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO object (resource, namespace, name, document) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [key.resource, key.namespace, key.name, object.canonicalText])
    }

    private static func keep(
        _ bookkeeping: SandboxCluster.Bookkeeping, _ database: Database
    ) throws {
        let document = try JSONValue(encoding: bookkeeping).canonicalText
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO bookkeeping (id, document) VALUES (1, ?)"
        ).execute(arguments: [document])
    }

    private func load() throws(SandboxStoreError) -> SandboxCluster {
        do {
            return try queue.write { try self.read($0) }
        } catch let error as SandboxStoreError {
            throw error
        } catch {
            throw .damaged(path: path, why: Self.text(error))
        }
    }

    private func read(_ database: Database) throws -> SandboxCluster {
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard id == Self.applicationID else {
            throw SandboxStoreError.damaged(path: path, why: "it is not a sandbox's file")
        }
        guard version <= Self.version else {
            throw SandboxStoreError.newer(path: path, version: version)
        }
        let check = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? ""
        guard check == "ok" else { throw SandboxStoreError.damaged(path: path, why: check) }
        var objects: [ObjectKey: JSONValue] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT resource, namespace, name, document FROM object")
        while let row = try rows.next() {
            let key = ObjectKey(resource: row[0], namespace: row[1], name: row[2])
            let text: String = row[3]
            objects[key] = try JSONValue(parsing: Array(text.utf8))
        }
        guard
            let text = try String.fetchOne(
                database, sql: "SELECT document FROM bookkeeping WHERE id = 1")
        else { throw SandboxStoreError.damaged(path: path, why: "its bookkeeping is missing") }
        let bookkeeping = try JSONValue(parsing: Array(text.utf8))
            .decoded(as: SandboxCluster.Bookkeeping.self)
        if version < 2 { try Self.addTraffic(database) }
        return SandboxCluster(
            bookkeeping, objects: objects, traffic: try Self.traffic(database))
    }

    private static func traffic(_ database: Database) throws -> Traffic? {
        guard
            let text = try String.fetchOne(
                database, sql: "SELECT document FROM traffic WHERE id = 1")
        else { return nil }
        let ledger = try JSONValue(parsing: Array(text.utf8)).decoded(as: TrafficLedger.self)
        let changes = try String.fetchAll(
            database, sql: "SELECT document FROM traffic_change ORDER BY version"
        ).compactMap { TrafficChange(try JSONValue(parsing: Array($0.utf8))) }
        return Traffic(ledger, changes: changes)
    }

    /// Closes the file; nothing may be committed afterwards.
    package func close() { try? queue.close() }

    private func erase() {
        close()
        Self.erase(path: path)
    }

    static func erase(path: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }
}
