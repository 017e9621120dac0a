import GRDB
import MeshPlanning
import Testing

@testable import Journal

@Suite("Older state files")
struct JournalMigrationTests {
    private let current = JournalSchema.migrations.count
    private let newer =
        JournalSchema.migrations + [.init(sql: "CREATE TABLE note (text TEXT) STRICT")]

    private func oldFile(_ folder: Folder) throws {
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        try store.queue.close()
    }

    private func version(_ store: JournalStore) throws -> [String] {
        try store.texts("PRAGMA user_version")
    }

    @Test("an older file is migrated, and a copy of it is kept")
    func migration() throws {
        let folder = try Folder()
        try oldFile(folder)
        let store = try JournalStore.open(path: folder.state, readOnly: false, migrations: newer)
        #expect(try version(store) == ["\(current + 1)"])
        #expect(try store.texts("SELECT text FROM note") == [])
        #expect(try store.events(of: RunID("run-1")).count == 1)

        let copy = folder.state + ".before-v\(current + 1)"
        #expect(try mode(copy) == 0o600)
        let kept = try JournalStore.open(path: copy, readOnly: true)
        #expect(try version(kept) == ["\(current)"])
        #expect(
            try kept.events(of: RunID("run-1")).map(\.event) == [.started(header("run-1"), rollout)]
        )
        #expect(!(try folder.names().contains { $0.hasSuffix(".unfinished") }))
    }

    @Test("a new file needs no copy")
    func noCopyOfNothing() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state, readOnly: false, migrations: newer)
        #expect(try version(store) == ["\(current + 1)"])
        #expect(!(try folder.names().contains { $0.contains(".before-") }))
    }

    @Test("a migration that fails leaves the file at its version, whole")
    func failure() throws {
        let folder = try Folder()
        try oldFile(folder)
        let broken =
            JournalSchema.migrations + [
                .init(sql: "CREATE TABLE note (text TEXT) STRICT; CREATE TABLE run (id TEXT)")
            ]
        #expect(throws: JournalError.self) {
            try JournalStore.open(path: folder.state, readOnly: false, migrations: broken)
        }
        let store = try JournalStore.open(path: folder.state)
        #expect(try version(store) == ["\(current)"])
        #expect(try store.texts("SELECT name FROM sqlite_master WHERE name = 'note'") == [])
        #expect(try store.events(of: RunID("run-1")).count == 1)
    }

    @Test("an older file opened for reading is not migrated")
    func readOnly() throws {
        let folder = try Folder()
        try oldFile(folder)
        let before = try bytes(folder.state)
        #expect(
            throws: JournalError.needsMigration(
                path: folder.state, version: current, supported: current + 1)
        ) {
            try JournalStore.open(path: folder.state, readOnly: true, migrations: newer)
        }
        #expect(try bytes(folder.state) == before)
    }
}
