import Foundation
import GRDB
import MeshModel
import MeshPlanning
import Timing

/// Everything that can be asked of a state file, asked without changing it.
package struct StateCheck: Sendable, Equatable {
    package enum Question: String, Sendable, CaseIterable {
        /// There is a file, and it can be read.
        case file
        /// It is its owner's alone.
        case mode
        /// It is an SQLite database of meshctl's.
        case format
        /// This meshctl knows its schema.
        case schema
        /// SQLite finds every page and index sound (`PRAGMA integrity_check`).
        case integrity
        /// Every event has its run (`PRAGMA foreign_key_check`).
        case references
        /// Tables, indexes and the triggers that keep it append-only are as meshctl made them.
        case tables
        /// Every event of every run can be read, stands in its place and replays.
        case events
        /// What was observed can be read.
        case observations
    }

    package struct Finding: Sendable, Equatable {
        package var question: Question
        package var passed: Bool
        /// What was seen.
        package var detail: String
    }

    /// In the order of the questions; what could not be asked any more, because of what came before, is absent.
    package private(set) var findings: [Finding] = []
    /// Its contents are not what meshctl wrote. Not so for a file that is missing, newer, or another program's.
    package private(set) var isDamaged = false

    package var passed: Bool {
        findings.count == Question.allCases.count && findings.allSatisfy(\.passed)
    }

    package init(path: String) {
        guard askFile(path), askFormat(path) else { return }
        do {
            let queue = try DatabaseQueue(
                path: path, configuration: JournalStore.configuration(true))
            try queue.read { try ask($0) }
            try queue.close()
        } catch {
            note(JournalError(error, path: path))
        }
    }

    private mutating func pass(_ question: Question, _ detail: String) {
        findings.append(Finding(question: question, passed: true, detail: detail))
    }

    private mutating func fail(_ question: Question, _ detail: String) {
        findings.append(Finding(question: question, passed: false, detail: detail))
    }

    private mutating func damage(_ question: Question, _ detail: String) {
        fail(question, detail)
        isDamaged = true
    }

    /// What ended the asking belongs to the question that was next.
    private mutating func note(_ error: JournalError) {
        let next = Question.allCases[min(findings.count, Question.allCases.count - 1)]
        if case .damaged(_, let detail) = error {
            damage(next, detail)
        } else {
            fail(next, error.reason)
        }
    }
}

// MARK: - The file

extension StateCheck {
    private mutating func askFile(_ path: String) -> Bool {
        guard let size = StateFile.size(of: path) else {
            if StateFile.size(of: path + "-wal") ?? 0 > 0 {
                damage(.file, "there is none, but its log \(path)-wal is there")
            } else {
                fail(.file, "there is none")
            }
            return false
        }
        pass(.file, "\(size) bytes")
        let open = ["", "-wal", "-shm"].filter { (StateFile.mode(of: path + $0) ?? 0) & 0o077 != 0 }
        if open.isEmpty {
            pass(.mode, "its owner's alone")
        } else {
            fail(
                .mode,
                "others may use it: chmod 600 \(open.map { path + $0 }.joined(separator: " "))")
        }
        return true
    }

    private mutating func askFormat(_ path: String) -> Bool {
        do throws(JournalError) {
            let header = try StateFile.header(of: path)
            guard header?.applicationID == JournalSchema.applicationID else {
                fail(.format, "it is a database of another program")
                return false
            }
            pass(.format, "an SQLite database of meshctl's")
            return true
        } catch {
            note(error)
            return false
        }
    }
}

// MARK: - Its contents

extension StateCheck {
    private mutating func ask(_ database: Database) throws {
        let (version, newest) = (try database.userVersion(), JournalSchema.migrations.count)
        guard (1...newest).contains(version) else {
            if version > newest {
                fail(
                    .schema, "it is of a newer meshctl: \(version), this one knows up to \(newest)")
            } else {
                damage(.schema, "it is \(version), which no meshctl writes")
            }
            return
        }
        let words = version == newest ? "" : ", of \(newest): the next apply migrates it"
        pass(.schema, "\(version)\(words)")
        try askIntegrity(database)
        try askReferences(database)
        try askTables(database, version)
        try askEvents(database)
        try askObservations(database, version)
    }

    private mutating func askIntegrity(_ database: Database) throws {
        let problems = try String.fetchAll(database, sql: "PRAGMA integrity_check(10)")
        if problems == ["ok"] {
            pass(.integrity, "ok")
        } else {
            damage(.integrity, problems.joined(separator: "; "))
        }
    }

    private mutating func askReferences(_ database: Database) throws {
        let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count
        if orphans == 0 {
            pass(.references, "every event has its run")
        } else {
            damage(.references, "\(orphans) events have no run")
        }
    }

    private mutating func askTables(_ database: Database, _ version: Int) throws {
        let found = try Self.tables(database)
        let wanted = try Self.tables(version: version)
        let names = Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }
        if names.isEmpty {
            pass(.tables, "as meshctl made them; runs and events cannot be changed")
        } else {
            damage(.tables, "missing or changed: \(names.sorted().joined(separator: ", "))")
        }
    }

    /// What each table, index and trigger was made with.
    private static func tables(_ database: Database) throws -> [String: String] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return Dictionary(
            rows.map { ($0["name"], $0["sql"]) }, uniquingKeysWith: { first, _ in first })
    }

    private static func tables(version: Int) throws -> [String: String] {
        let queue = try DatabaseQueue()
        return try queue.inDatabase { database in
            for migration in JournalSchema.migrations.prefix(version) {
                try database.execute(sql: migration.sql)
            }
            return try tables(database)
        }
    }

    private mutating func askEvents(_ database: Database) throws {
        var (runs, events) = (0, 0)
        var problems: [String] = []
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT id, kind, plan, cluster_uid, started_at, header FROM run ORDER BY rowid")
        for row in rows {
            runs += 1
            do {
                events += try Self.replayed(row, database)
            } catch let error as JournalError {
                problems.append(error.reason)
            }
        }
        if problems.isEmpty {
            pass(.events, "\(runs) runs with \(events) events")
        } else {
            let more = problems.count > 5 ? "; and \(problems.count - 5) runs more" : ""
            damage(.events, problems.prefix(5).joined(separator: "; ") + more)
        }
    }

    /// The number of its events. Throws `JournalError` for a run that is not what its events say.
    private static func replayed(_ row: Row, _ database: Database) throws -> Int {
        let id = RunID(row["id"])
        let events = try database.events(of: id)
        guard let state = RunState(replaying: events.map(\.event)),
            row["kind"] == state.header.kind.rawValue, row["plan"] == state.header.plan,
            row["cluster_uid"] == state.header.clusterUID,
            row["started_at"] == events.first?.time.milliseconds,
            (try? JournalCoding.value(RunHeader.self, from: row["header"])) == state.header
        else {
            throw JournalError.unreadableEvent(
                id, sequence: 1, detail: "the run's row says otherwise")
        }
        let kinds = try String.fetchAll(
            database, sql: "SELECT kind FROM event WHERE run = ? ORDER BY seq",
            arguments: [id.text])
        for (event, kind) in zip(events, kinds) where event.event.kind != kind {
            throw JournalError.unreadableEvent(
                id, sequence: event.sequence, detail: "its kind is not \(kind)")
        }
        return events.count
    }

    private mutating func askObservations(_ database: Database, _ version: Int) throws {
        guard version >= JournalStore.firstVersionWithObservedFlows else {
            return pass(.observations, "none in this schema")
        }
        let flows = try Row.fetchCursor(database, sql: "SELECT * FROM observed_flow")
        var (count, unreadable) = (0, 0)
        while let row = try flows.next() {
            count += 1
            if ObservedFlow(row) == nil { unreadable += 1 }
        }
        let marks = try Row.fetchCursor(database, sql: "SELECT watermark FROM observed_proxy")
        while let row = try marks.next() {
            let text: String = row["watermark"]
            if (try? JournalCoding.value(ProxyWatermark.self, from: text)) == nil {
                unreadable += 1
            }
        }
        if unreadable == 0 {
            pass(.observations, "\(count) observed flows")
        } else {
            damage(.observations, "\(unreadable) rows have no meaning")
        }
    }
}

extension JournalError {
    /// Without the path.
    fileprivate var reason: String {
        switch self {
        case .cannotOpen(_, let reason), .notPermitted(_, let reason): reason
        case .inputOutput(_, let detail), .damaged(_, let detail), .notDurable(_, let detail):
            detail
        case .unreadableEvent(let run, let sequence, let detail):
            "event \(sequence) of run \(run): \(detail)"
        case .unknownRun(let run): "run \(run) has no events"
        case .busy: "another process keeps it busy"
        case .readOnlyFileSystem: "it is on a read-only file system"
        case .diskFull: "the disk is full"
        case .missing, .notAJournal, .newer, .needsMigration, .runExists: "\(self)"
        }
    }
}
