import Foundation
import MeshPlanning
import Testing

@testable import Journal

/// What a kill leaves behind is the file and its write-ahead log, copied while they are in use.
@Suite("The journal after a crash")
struct JournalCrashTests {
    private func crashed(events: Int, losing lost: Int = 0) throws -> (Folder, [Int]) {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        for number in 0..<events {
            try store.append(.settled(batch: number), to: RunID("run-1"), at: at(1))
        }
        let copy = try Folder()
        try write(try bytes(folder.state), copy.state)
        try write(try bytes(folder.state + "-wal").dropLast(lost), copy.state + "-wal")
        let reopened = try JournalStore.open(path: copy.state)
        return (copy, try reopened.events(of: RunID("run-1")).map(\.sequence))
    }

    @Test("every event that was appended is there")
    func kill() throws {
        let (_, sequences) = try crashed(events: 20)
        #expect(sequences == Array(1...21))
    }

    @Test("a log cut short in its last write costs that write alone", arguments: [1, 100, 4095])
    func tornWrite(lost: Int) throws {
        let (copy, sequences) = try crashed(events: 20, losing: lost)
        #expect(sequences == Array(1...20))
        let store = try JournalStore.open(path: copy.state)
        try store.append(.settled(batch: 99), to: RunID("run-1"), at: at(2))
        #expect(try store.events(of: RunID("run-1")).count == 21)
    }
}
