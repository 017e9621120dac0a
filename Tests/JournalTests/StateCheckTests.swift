import Foundation
import GRDB
import MeshPlanning
import TestSupport
import Testing

@testable import Journal

@Suite("Checking a state file")
struct StateCheckTests {
    private func file(_ folder: Folder) throws -> JournalStore {
        let store = try JournalStore.open(path: folder.state)
        for number in 1...30 {
            try store.begin(header("run-\(number)"), rollout, at: at(Int64(number)))
            try store.append(.settled(batch: 1), to: RunID("run-\(number)"), at: at(50))
        }
        return store
    }

    private func failed(_ check: StateCheck) -> [StateCheck.Question] {
        check.findings.filter { !$0.passed }.map(\.question)
    }

    @Test("a sound file passes every question, also while it is in use, and is not changed")
    func sound() throws {
        let folder = try Folder()
        let store = try file(folder)
        for _ in 1...2 {
            let check = StateCheck(path: folder.state)
            #expect(check.passed && !check.isDamaged, "\(check.findings)")
            #expect(check.findings.map(\.question) == StateCheck.Question.allCases)
            #expect(check.findings.contains { $0.detail == "30 runs with 60 events" })
        }
        try store.queue.close()
        let before = try bytes(folder.state)
        #expect(StateCheck(path: folder.state).passed)
        #expect(try bytes(folder.state) == before)
    }

    @Test(
        "what is wrong inside is found by the question that asks for it",
        arguments: [
            ("DROP TRIGGER event_is_not_changed", .tables),
            ("DROP INDEX run_by_cluster", .tables), ("CREATE TABLE extra (a)", .tables),
            (
                "PRAGMA foreign_keys = OFF; INSERT INTO event VALUES ('nobody', 1, 0, 'settled', '{}')",
                .references
            ),
            ("INSERT INTO event VALUES ('run-1', 3, 0, 'later', '{\"later\":{}}')", .events),
            (
                "INSERT INTO event VALUES ('run-1', 3, 0, 'soaked', '{\"settled\":{\"batch\":2}}')",
                .events
            ),
            ("INSERT INTO run VALUES ('run-e', 'apply', 'p', 'c', NULL, NULL, 0, '{}')", .events),
            (
                "INSERT INTO observed_flow VALUES ('c', '?', '?', 1, 'plaintext', 0, 0, 1)",
                .observations
            ),
            ("INSERT INTO observed_proxy VALUES ('c', 'p', '{}')", .observations),
            ("PRAGMA user_version = 0", .schema),
        ] as [(String, StateCheck.Question)])
    func damage(sql: String, question: StateCheck.Question) throws {
        let folder = try Folder()
        let store = try file(folder)
        try store.execute(sql)
        try store.queue.close()
        let check = StateCheck(path: folder.state)
        #expect(failed(check) == [question], "\(check.findings)")
        #expect(check.isDamaged && !check.passed)
    }

    @Test("a row that says something else than its run's events is found")
    func rowsDisagree() throws {
        let folder = try Folder()
        let store = try file(folder)
        try store.execute("DROP TRIGGER run_is_not_changed")
        try store.execute("UPDATE run SET plan = 'other' WHERE id = 'run-3'")
        try store.execute(
            "CREATE TRIGGER run_is_not_changed BEFORE UPDATE ON run\n    BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END"
        )
        #expect(failed(StateCheck(path: folder.state)).contains(.events))
    }

    @Test("an overwritten page, a cut file and no database are damage")
    func pages() throws {
        let folder = try Folder()
        try file(folder).queue.close()
        let sound = try bytes(folder.state)
        var page = sound
        page.replaceSubrange(8192..<12_288, with: Data(repeating: 0xAB, count: 4096))
        for data in [page, sound.prefix(9000), sound.prefix(50), Data("hello".utf8), Data()] {
            try write(data, folder.state)
            let check = StateCheck(path: folder.state)
            #expect(check.isDamaged && !check.passed, "\(check.findings)")
            #expect(try bytes(folder.state) == data)
        }
    }

    @Test("a missing, a newer and another program's file are not sound, and not damaged either")
    func notDamaged() throws {
        let folder = try Folder()
        #expect(failed(StateCheck(path: folder.state)) == [.file])
        #expect(!StateCheck(path: folder.state).isDamaged)
        let store = try file(folder)
        try store.execute("PRAGMA user_version = 99")
        #expect(failed(StateCheck(path: folder.state)) == [.schema])
        #expect(!StateCheck(path: folder.state).isDamaged)
        try store.execute("PRAGMA user_version = \(JournalSchema.migrations.count)")
        try store.execute("PRAGMA application_id = 7")
        try store.queue.close()
        #expect(failed(StateCheck(path: folder.state)) == [.format])
        #expect(!StateCheck(path: folder.state).isDamaged)
    }

    @Test("an older file is sound, and says that it will be migrated")
    func older() throws {
        let folder = try Folder()
        let store = try JournalStore.open(
            path: folder.state, readOnly: false,
            migrations: Array(JournalSchema.migrations.prefix(1)))
        try store.begin(header("run-1"), rollout, at: at(0))
        try store.queue.close()
        let check = StateCheck(path: folder.state)
        #expect(check.passed, "\(check.findings)")
        #expect(check.findings.contains { $0.detail.contains("the next apply migrates it") })
    }

    @Test("a file that others may read is told, and is not damaged")
    func openToAll() throws {
        let folder = try Folder()
        try file(folder).queue.close()
        chmod(folder.state, 0o644)
        let check = StateCheck(path: folder.state)
        #expect(failed(check) == [.mode])
        #expect(!check.isDamaged)
    }

    @Test(
        "flipped bits never crash a reader: each file is read, or refused as damaged",
        arguments: 0..<4)
    func flippedBits(part: Int) throws {
        let folder = try Folder()
        try file(folder).queue.close()
        let sound = try bytes(folder.state)
        var random = SeededGenerator(seed: part)
        for _ in 0..<60 {
            var data = sound
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 100..<data.count, using: &random)
                data[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            for suffix in ["-wal", "-shm"] { try StateFile.remove(folder.state + suffix) }
            try write(data, folder.state)
            _ = StateCheck(path: folder.state)
            do throws(JournalError) {
                let store = try JournalStore.open(path: folder.state, readOnly: true)
                for run in try store.runs() { _ = try store.events(of: run.header.id) }
                _ = try store.observedFlows(clusterUID: "c-1")
            } catch {
                switch error {
                case .damaged, .unreadableEvent, .unknownRun, .newer, .needsMigration: break
                default: Issue.record("\(error)")
                }
            }
        }
    }

    // MARK: - Moving aside

    @Test("a file is moved aside with its log, and the next one begins empty")
    func movedAside() throws {
        let folder = try Folder()
        let store = try file(folder)
        let place = folder.state + ".damaged-1"
        let (main, log) = (try bytes(folder.state), try bytes(folder.state + "-wal"))
        try JournalStore.moveAside(path: folder.state, to: place)
        #expect(try bytes(place) == main)
        #expect(try bytes(place + "-wal") == log)
        #expect(!(try folder.names().contains { $0.hasPrefix("meshctl.db-") }))
        let next = try JournalStore.open(path: folder.state)
        #expect(try next.runs() == [])
        withExtendedLifetime(store) {}
        #expect(throws: JournalError.self) {
            try JournalStore.moveAside(path: folder.state, to: place)
        }
        #expect(try bytes(place) == main)
    }

    @Test("a log whose file is gone is not taken for a new file's, and moved aside with it")
    func orphanedLog() throws {
        let folder = try Folder()
        let store = try file(folder)
        let copy = try Folder()
        try write(try bytes(folder.state + "-wal"), copy.state + "-wal")
        withExtendedLifetime(store) {}
        for readOnly in [false, true] {
            let error = #expect(throws: JournalError.self) {
                try JournalStore.open(path: copy.state, readOnly: readOnly)
            }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(StateCheck(path: copy.state).isDamaged)
        try JournalStore.moveAside(path: copy.state, to: copy.state + ".damaged-1")
        #expect(try JournalStore.open(path: copy.state).runs() == [])
    }
}
