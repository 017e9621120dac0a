import Foundation
import GRDB
import MeshPlanning
import Testing

@testable import Journal

@Suite("State files that are refused, and left as they are")
struct JournalRefusalTests {
    private let current = JournalSchema.migrations.count

    /// A sound file with runs in it, closed: no WAL beside it.
    private func soundFile(_ folder: Folder) throws -> Data {
        let store = try JournalStore.open(path: folder.state)
        for number in 1...40 {
            try store.begin(header("run-\(number)"), rollout, at: at(Int64(number)))
        }
        try store.queue.close()
        return try bytes(folder.state)
    }

    private func expectDamaged(_ data: Data, _ folder: Folder) throws {
        try write(data, folder.state)
        for readOnly in [false, true] {
            let error = #expect(throws: JournalError.self) {
                try JournalStore.open(path: folder.state, readOnly: readOnly)
            }
            guard case .damaged(folder.state, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(try bytes(folder.state) == data)
    }

    @Test(
        "what is not a database is damaged",
        arguments: ["", "hello", "SQLite format 3", "SQLite format 3\0 and then nothing"])
    func notADatabase(text: String) throws {
        try expectDamaged(Data(text.utf8), Folder())
    }

    @Test("a file that was cut short is damaged", arguments: [50, 100, 4096, 6000, 20_000])
    func truncated(length: Int) throws {
        let folder = try Folder()
        let whole = try soundFile(folder)
        try #require(whole.count > length)
        try expectDamaged(whole.prefix(length), folder)
    }

    @Test("a page that was overwritten is found")
    func overwritten() throws {
        let folder = try Folder()
        var data = try soundFile(folder)
        data.replaceSubrange(8192..<12_288, with: Data(repeating: 0xAB, count: 4096))
        try expectDamaged(data, folder)
    }

    @Test("tables that promise less than meshctl's are damage: a row could hold anything")
    func otherTables() throws {
        let folder = try Folder()
        _ = try soundFile(folder)
        let other = try DatabaseQueue(path: folder.state)
        try other.writeWithoutTransaction { database in
            for trigger in ["event_is_not_changed", "event_is_not_deleted", "event_is_the_next"] {
                try database.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try database.execute(
                sql: """
                    CREATE TABLE copy AS SELECT * FROM event; DROP TABLE event;
                    ALTER TABLE copy RENAME TO event; UPDATE event SET at = NULL WHERE seq = 1;
                    PRAGMA wal_checkpoint(TRUNCATE);
                    """)
        }
        try other.close()
        try expectDamaged(try bytes(folder.state), folder)
    }

    @Test("a file from a newer meshctl is refused with both versions, and not touched")
    func newer() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.execute("PRAGMA user_version = 99")
        try store.queue.close()
        let before = try bytes(folder.state)
        for readOnly in [false, true] {
            #expect(
                throws: JournalError.newer(path: folder.state, version: 99, supported: current)
            ) { try JournalStore.open(path: folder.state, readOnly: readOnly) }
        }
        #expect(try bytes(folder.state) == before)
    }

    @Test("a newer version that is still in the write-ahead log is seen too")
    func newerInLog() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.execute("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = \(current + 1)")
        #expect(
            throws: JournalError.newer(path: folder.state, version: current + 1, supported: current)
        ) {
            try JournalStore.open(path: folder.state)
        }
        try store.queue.close()
    }

    @Test("another program's database is not taken for a journal")
    func notAJournal() throws {
        let folder = try Folder()
        try write(Data(), folder.state)
        let other = try DatabaseQueue(path: folder.state)
        try other.write { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
        try other.close()
        let before = try bytes(folder.state)
        #expect(throws: JournalError.notAJournal(path: folder.state)) {
            try JournalStore.open(path: folder.state)
        }
        #expect(try bytes(folder.state) == before)
    }

    @Test("a folder, and a path through a file, cannot be opened")
    func wrongKindOfPath() throws {
        let folder = try Folder()
        for path in [folder.path, folder.path + "/file/state.db"] {
            try? write(Data("x".utf8), folder.path + "/file")
            let error = #expect(throws: JournalError.self) { try JournalStore.open(path: path) }
            switch error {
            case .cannotOpen, .inputOutput: break
            default: Issue.record("\(String(describing: error))")
            }
        }
    }

    @Test("reading a state file that is not there says so and makes none")
    func missing() throws {
        let folder = try Folder()
        #expect(throws: JournalError.missing(path: folder.state)) {
            try JournalStore.open(path: folder.state, readOnly: true)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
    }

    @Test(
        "errors of the system keep their meaning",
        arguments: [
            (EACCES, "notPermitted"), (EPERM, "notPermitted"), (EROFS, "readOnlyFileSystem"),
            (ENOSPC, "diskFull"), (EDQUOT, "diskFull"), (EIO, "inputOutput"),
            (ENOTDIR, "cannotOpen"),
        ])
    func systemErrors(code: Int32, name: String) {
        #expect("\(JournalError(errno: code, path: "p"))".hasPrefix(name))
    }

    @Test(
        "errors of SQLite keep their meaning",
        arguments: [
            (.SQLITE_CORRUPT, "damaged"), (.SQLITE_NOTADB, "damaged"), (.SQLITE_FULL, "diskFull"),
            (.SQLITE_READONLY, "readOnlyFileSystem"), (.SQLITE_BUSY, "busy"),
            (.SQLITE_PERM, "notPermitted"), (.SQLITE_CANTOPEN, "cannotOpen"),
            (.SQLITE_IOERR, "inputOutput"), (.SQLITE_ERROR, "damaged"),
            (.SQLITE_IOERR_FSYNC, "inputOutput"),
            (.SQLITE_READONLY_DIRECTORY, "readOnlyFileSystem"),
        ] as [(ResultCode, String)])
    func databaseErrors(code: ResultCode, name: String) {
        let error = JournalError(DatabaseError(resultCode: code), path: "p")
        #expect("\(error)".hasPrefix(name))
    }

    @Test("an I/O error says which of SQLite's it is")
    func inputOutput() {
        let error = DatabaseError(resultCode: .SQLITE_IOERR_FSYNC, message: "disk I/O error")
        let detail = "disk I/O error (code 1034 of SQLite)"
        #expect(JournalError(error, path: "p") == .inputOutput(path: "p", detail: detail))
    }
}
