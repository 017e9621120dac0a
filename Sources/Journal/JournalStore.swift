import Foundation
import GRDB
package import MeshPlanning
package import Timing

/// The state file: every run with its events, append-only, each on disk before `append` returns.
///
/// Writes are synchronous on purpose: GRDB's asynchronous ones throw when their task is cancelled, and
/// a Ctrl-C would lose the record of a write to the cluster that was done.
package final class JournalStore: Sendable {
    package let path: String
    let queue: DatabaseQueue

    /// Opens the state file. For writing it is created where it is missing, with its folder, and
    /// migrated where it is older; a file that cannot be used is refused and left as it is.
    package static func open(
        path: String, readOnly: Bool = false
    ) throws(JournalError) -> JournalStore {
        try open(path: path, readOnly: readOnly, migrations: JournalSchema.migrations)
    }

    static func open(
        path: String, readOnly: Bool, migrations: [JournalSchema.Migration]
    ) throws(JournalError) -> JournalStore {
        if try StateFile.header(of: path) == nil {
            try refuseOrphanedLog(of: path)
            guard !readOnly else { throw .missing(path: path) }
            try create(at: path, with: migrations)
        }
        try check(path, against: migrations)
        if !readOnly { try StateFile.requireWritable(path) }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readOnly))
            let store = JournalStore(path: path, queue: queue)
            if readOnly {
                try store.refuseOlder(than: migrations.count)
            } else {
                try store.makeDurable()
                try queue.writeWithoutTransaction { try $0.migrate(path: path, with: migrations) }
            }
            return store
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// A journal that ends with the process: for an emergency that has no state file it can use. The run machine
    /// and the client then keep to the same rules, and what was done is only told.
    package static func inMemory() throws(JournalError) -> JournalStore {
        let path = ":memory:"
        do {
            let queue = try DatabaseQueue()
            try queue.writeWithoutTransaction {
                try $0.migrate(path: path, isNew: true, with: JournalSchema.migrations)
            }
            return JournalStore(path: path, queue: queue)
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private init(path: String, queue: DatabaseQueue) {
        self.path = path
        self.queue = queue
    }

    /// Writes down a new run and its `started` event; with `superseding`, in the same transaction,
    /// that those runs end here. Throws `runExists` for an id that is taken.
    package func begin(
        _ header: RunHeader, _ rollout: Rollout, superseding: [RunID] = [], at time: Timestamp
    ) throws(JournalError) {
        try write { database in
            for run in superseding {
                try database.append(.stopped(.superseded), to: run, at: time)
            }
            try database.insert(header, at: time)
            try database.append(.started(header, rollout), to: header.id, at: time)
        }
    }

    /// Writes down what happened next in a run. When this returns, the event survives a power cut;
    /// when it throws, nothing of it is there.
    package func append(
        _ event: RunEvent, to run: RunID, at time: Timestamp
    ) throws(JournalError) {
        try write { try $0.append(event, to: run, at: time) }
    }

    func write(_ body: (Database) throws -> Void) throws(JournalError) {
        do {
            try queue.write(body)
        } catch {
            throw JournalError(error, path: path)
        }
    }
}

// MARK: - Opening

extension JournalStore {
    static func configuration(_ readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Builds the file under another name and then gives it its own, so that no kill and no second
    /// process ever leaves or sees a half-made one.
    private static func create(
        at path: String, with migrations: [JournalSchema.Migration]
    ) throws(JournalError) {
        try StateFile.createFolder(of: path)
        let unfinished = try StateFile.createTemporary(beside: path)
        do {
            let queue = try DatabaseQueue(path: unfinished, configuration: configuration(false))
            try queue.writeWithoutTransaction { database in
                try database.execute(
                    sql: "PRAGMA application_id = \(JournalSchema.applicationID)")
                try database.migrate(path: unfinished, isNew: true, with: migrations)
                try database.execute(sql: "PRAGMA journal_mode = WAL")
            }
            try queue.close()
            try StateFile.sync(unfinished)
        } catch {
            for leftOver in ["", "-wal", "-shm"] { try StateFile.remove(unfinished + leftOver) }
            throw JournalError(error, path: path)
        }
        // Where another process was faster, its file is as good.
        _ = try StateFile.link(unfinished, to: path)
        try StateFile.remove(unfinished)
        try StateFile.syncFolder(of: path)
    }

    /// SQLite would take the log of a file that is gone for that of the new one, and write it into it.
    private static func refuseOrphanedLog(of path: String) throws(JournalError) {
        let log = path + "-wal"
        // A file gets its name before it gets a log: where another process has just made both, it is there now.
        guard StateFile.size(of: log) ?? 0 > 0, !StateFile.exists(path) else { return }
        throw .damaged(path: path, detail: "the file is gone, and its log \(log) is still there")
    }

    /// Looks at an existing file through a read-only connection, so that one that is refused stays
    /// as it is, to the byte.
    private static func check(
        _ path: String, against migrations: [JournalSchema.Migration]
    ) throws(JournalError) {
        let supported = migrations.count
        guard let header = try StateFile.header(of: path) else { throw .missing(path: path) }
        guard header.applicationID == JournalSchema.applicationID else {
            throw .notAJournal(path: path)
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(true))
            let (version, problem) = try queue.read { database in
                let version = try database.userVersion()
                let damage = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                let other = try database.firstUnlike(migrations.prefix(max(0, version)))
                return (
                    version,
                    damage != "ok"
                        ? damage ?? "no answer" : other.map { "\($0) is not as it was made" }
                )
            }
            try queue.close()
            if version > supported {
                throw JournalError.newer(path: path, version: version, supported: supported)
            }
            if let problem { throw JournalError.damaged(path: path, detail: problem) }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private func refuseOlder(than supported: Int) throws {
        let version = try queue.read { try $0.userVersion() }
        if version < supported {
            throw JournalError.needsMigration(path: path, version: version, supported: supported)
        }
    }

    /// In WAL mode only FULL syncs every commit. It is a setting of the connection, and is read back
    /// because GRDB may set it to NORMAL after its own preparations.
    private func makeDurable() throws {
        try queue.writeWithoutTransaction { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") ?? "none"
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let level = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
            guard mode == "wal", level == 2 else {
                throw JournalError.notDurable(
                    path: path, detail: "journal_mode is \(mode), synchronous is \(level)")
            }
        }
    }
}

// MARK: - Moving aside

extension JournalStore {
    /// Gives a damaged file another name, with what SQLite keeps beside it, so that the next run begins a new one.
    ///
    /// Throws `cannotOpen` where the new name is taken. Nobody may have the file open.
    package static func moveAside(path: String, to place: String) throws(JournalError) {
        let path = StateFile.resolved(path)
        // The log goes first, and the file itself last: beside a new file the log of the old one would do harm.
        let parts = ["-shm", "-wal", ""].filter { StateFile.exists(path + $0) }
        for part in parts where StateFile.exists(place + part) {
            throw .cannotOpen(path: place + part, reason: "the name is taken")
        }
        for part in parts { try StateFile.rename(path + part, to: place + part) }
        try StateFile.syncFolder(of: place)
    }
}
