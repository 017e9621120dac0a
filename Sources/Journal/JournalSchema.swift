import GRDB

/// The tables of the state file, and how an older file becomes a newer one: forward only.
enum JournalSchema {
    /// `PRAGMA application_id`: "mctl", so that no other program's database is taken for a journal.
    static let applicationID: Int32 = 0x6D63_746C

    /// The n-th makes version n; a released one never changes.
    static let migrations: [Migration] = [
        Migration(sql: version1), Migration(sql: version2), Migration(sql: version3),
        Migration(sql: version4),
    ]

    struct Migration: Sendable {
        var sql: String
    }

    /// A run is its events. Its row holds what `started` says, for finding it without decoding events;
    /// neither ever changes, and the triggers hold everyone to that who opens the file.
    private static let version1 = """
        CREATE TABLE run (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            plan TEXT NOT NULL,
            cluster_uid TEXT NOT NULL,
            stage TEXT,
            target TEXT,
            started_at INTEGER NOT NULL,  -- milliseconds since 1970
            header TEXT NOT NULL          -- RunHeader as JSON
        ) STRICT;
        CREATE INDEX run_by_cluster ON run (cluster_uid, plan, started_at);

        CREATE TABLE event (
            run TEXT NOT NULL REFERENCES run (id),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            at INTEGER NOT NULL,          -- milliseconds since 1970
            kind TEXT NOT NULL,
            payload TEXT NOT NULL,        -- RunEvent as JSON
            PRIMARY KEY (run, seq)
        ) STRICT;
        CREATE INDEX event_of_status ON event (run, seq)
            WHERE kind IN ('started', 'resumed', 'stopped', 'finished');

        CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        -- REPLACE deletes without asking the trigger above.
        CREATE TRIGGER event_is_the_next BEFORE INSERT ON event
            WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM event WHERE run = NEW.run)
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        CREATE TRIGGER run_is_new BEFORE INSERT ON run
            WHEN EXISTS (SELECT 1 FROM run WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
        CREATE TRIGGER run_is_not_changed BEFORE UPDATE ON run
            BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
        CREATE TRIGGER run_is_not_deleted BEFORE DELETE ON run
            BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
        """

    /// Who was seen calling whom, summed up: a row per cluster, both ends, port and security, however
    /// often it was seen. The key is also the order in which rows are read.
    private static let version2 = """
        CREATE TABLE observed_flow (
            cluster_uid TEXT NOT NULL,
            client TEXT NOT NULL,         -- kind and names, joined by slashes
            server TEXT NOT NULL,
            port INTEGER NOT NULL,
            security TEXT NOT NULL,
            first_seen INTEGER NOT NULL,  -- milliseconds since 1970
            last_seen INTEGER NOT NULL,
            connections INTEGER NOT NULL CHECK (connections >= 0),
            PRIMARY KEY (cluster_uid, client, server, port, security)
        ) STRICT, WITHOUT ROWID;
        """

    /// How observing goes on after an interruption: which stretch of time is covered, and of each proxy what is
    /// stored in `observed_flow` already.
    private static let version3 = """
        CREATE TABLE observation (
            cluster_uid TEXT NOT NULL,
            started_at INTEGER NOT NULL,  -- milliseconds since 1970
            goal INTEGER NOT NULL,        -- milliseconds
            covered INTEGER NOT NULL,     -- milliseconds
            sampled_at INTEGER,           -- milliseconds since 1970
            PRIMARY KEY (cluster_uid, started_at)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE observed_proxy (
            cluster_uid TEXT NOT NULL,
            proxy TEXT NOT NULL,          -- namespace/name of its pod
            watermark TEXT NOT NULL,      -- ProxyWatermark as JSON
            PRIMARY KEY (cluster_uid, proxy)
        ) STRICT;
        """

    /// Locks of clusters that somebody broke by hand. It may have been the lock of another machine's run.
    private static let version4 = """
        CREATE TABLE lock_break (
            cluster_uid TEXT NOT NULL,
            at INTEGER NOT NULL,          -- milliseconds since 1970
            by TEXT NOT NULL,             -- user@host
            held_by TEXT NOT NULL,        -- as the Lease had it
            reason TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER lock_break_is_not_changed BEFORE UPDATE ON lock_break
            BEGIN SELECT RAISE(ABORT, 'lock breaks are append-only'); END;
        CREATE TRIGGER lock_break_is_not_deleted BEFORE DELETE ON lock_break
            BEGIN SELECT RAISE(ABORT, 'lock breaks are append-only'); END;
        """
}

extension Database {
    /// Brings the file from its version to the newest of `migrations`, a step at a time. Before each
    /// a copy is kept beside it, as `PATH.before-vN`; a file that is just being made needs none.
    func migrate(path: String, isNew: Bool = false, with migrations: [JournalSchema.Migration])
        throws
    {
        while try userVersion() < migrations.count {
            try inTransaction(.immediate) {
                // Another process may have been faster: looked at again, now that nobody else can write.
                let version = try userVersion()
                guard version < migrations.count else { return .commit }
                if !isNew {
                    try Self.keepCopy(of: path, at: "\(path).before-v\(version + 1)")
                }
                try execute(sql: migrations[version].sql)
                try execute(sql: "PRAGMA user_version = \(version + 1)")
                return .commit
            }
        }
    }

    /// The first table, index or trigger that these migrations make otherwise, or that is gone.
    ///
    /// Readers rest on what the tables promise: with `STRICT` and `NOT NULL`, which `quick_check` verifies, no row
    /// holds a value of another type.
    func firstUnlike(_ migrations: ArraySlice<JournalSchema.Migration>) throws -> String? {
        let model = try DatabaseQueue()
        defer { try? model.close() }
        let wanted = try model.writeWithoutTransaction { database in
            for migration in migrations { try database.execute(sql: migration.sql) }
            return try Row.fetchAll(
                database, sql: "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        }
        for row in wanted {
            let (name, sql): (String, String) = (row["name"], row["sql"])
            let isThere = try Bool.fetchOne(
                self, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ? AND sql = ?)",
                arguments: [name, sql])
            if isThere != true { return name }
        }
        return nil
    }

    func userVersion() throws -> Int { try Int.fetchOne(self, sql: "PRAGMA user_version") ?? 0 }

    /// Complete or not there: a kill in the middle leaves only the unfinished file, written over
    /// the next time. A connection of its own, because the migration's is in its transaction, whose lock
    /// keeps the file as it is meanwhile.
    private static func keepCopy(of path: String, at copy: String) throws {
        let unfinished = copy + ".unfinished"
        try StateFile.remove(unfinished)
        try StateFile.createEmpty(unfinished)
        let queue = try DatabaseQueue(path: path, configuration: JournalStore.configuration(true))
        try queue.inDatabase { database in
            try database.execute(sql: "VACUUM INTO ?", arguments: [unfinished])
        }
        try queue.close()
        try StateFile.sync(unfinished)
        try StateFile.rename(unfinished, to: copy)
        try StateFile.syncFolder(of: copy)
    }
}
