import GRDB
import MeshPlanning
import Testing

@testable import Journal

@Suite("Writing down a run")
struct JournalStoreTests {
    @Test("a new state file is its owner's alone, and so is a new folder")
    func modes() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        #expect(try mode(folder.path + "/state") == 0o700)
        for name in try folder.names() {
            #expect(try mode(folder.path + "/state/" + name) == 0o600, "\(name)")
        }
        #expect(try folder.names().contains("meshctl.db"))
    }

    @Test("every commit is synced: FULL in WAL mode, also when the file is opened again")
    func durability() throws {
        let folder = try Folder()
        for _ in 1...2 {
            let store = try JournalStore.open(path: folder.state)
            #expect(try store.texts("PRAGMA synchronous") == ["2"])
            #expect(try store.texts("PRAGMA journal_mode") == ["wal"])
            #expect(try store.texts("PRAGMA foreign_keys") == ["1"])
        }
    }

    @Test("other people's runs are written down wholly: all of them, or none")
    func adopted() throws {
        let store = try JournalStore.open(path: try Folder().state)
        func run(_ id: String, end: RunEvent? = nil) -> PulledRun {
            PulledRun(header: header(id), rollout: rollout, startedAt: at(1), end: end)
        }
        try store.adopt(
            [run("run-1"), run("run-2", end: .finished(.done))], by: "ana@desk", at: at(9))
        #expect(try store.events(of: RunID("run-1")).map(\.event.kind) == ["started", "pulled"])
        let runs = try store.runs()
        #expect(runs.map(\.header.id.text) == ["run-2", "run-1"])
        #expect(runs.allSatisfy { $0.startedAt == at(1) })
        let last = try store.events(of: RunID("run-2")).last
        #expect(last?.event == .finished(.done) && last?.time == at(9))
        let isTaken = JournalError.runExists(RunID("run-1"))
        #expect(throws: isTaken) {
            try store.adopt([run("run-3"), run("run-1")], by: "ana@desk", at: at(10))
        }
        let end = (run: RunID("run-1"), end: RunEvent.finished(.done))
        let isUnknown = JournalError.unknownRun(RunID("run-9"))
        #expect(throws: isUnknown) {
            try store.adopt(
                [run("run-3")], ends: [end, (RunID("run-9"), end.end)], by: "ana@desk", at: at(10))
        }
        #expect(try store.runs().count == 2)
        #expect(try store.events(of: RunID("run-1")).count == 2)
        try store.adopt([run("run-3")], ends: [end], by: "ana@desk", at: at(11))
        #expect(try store.runs().count == 3)
        #expect(try store.events(of: RunID("run-1")).last?.event == .finished(.done))
    }

    @Test("a file in another journal mode is brought back to WAL")
    func otherJournalMode() throws {
        let folder = try Folder()
        let other = try JournalStore.open(path: folder.state)
        try other.execute("PRAGMA journal_mode = DELETE")
        try other.queue.close()
        let store = try JournalStore.open(path: folder.state)
        #expect(try store.texts("PRAGMA journal_mode") == ["wal"])
    }

    @Test("all events come back as they were, in their order, with their times")
    func roundTrip() throws {
        let folder = try Folder()
        let written = try JournalStore.open(path: folder.state)
        try written.begin(header("run-1"), rollout, at: at(0))
        for (index, event) in someEvents.enumerated() {
            try written.append(event, to: RunID("run-1"), at: at(Int64(index) + 1))
        }
        let store = try JournalStore.open(path: folder.state, readOnly: true)
        let recorded = try store.events(of: RunID("run-1"))
        #expect(recorded.map(\.event) == [.started(header("run-1"), rollout)] + someEvents)
        #expect(recorded.map(\.sequence) == Array(1...someEvents.count + 1))
        #expect(recorded.map(\.time) == (0...Int64(someEvents.count)).map(at))
    }

    @Test("a journal in memory keeps a run as a file does, and begins empty each time")
    func inMemory() throws {
        let store = try JournalStore.inMemory()
        try store.begin(header("run-1"), rollout, at: at(0))
        for (index, event) in someEvents.enumerated() {
            try store.append(event, to: RunID("run-1"), at: at(Int64(index) + 1))
        }
        #expect(
            try store.events(of: RunID("run-1")).map(\.event)
                == [.started(header("run-1"), rollout)] + someEvents)
        #expect(try JournalStore.inMemory().runs(cluster: nil, plan: nil).isEmpty)
    }

    @Test("each kind of event has a name of its own in the file")
    func kinds() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        for event in someEvents { try store.append(event, to: RunID("run-1"), at: at(1)) }
        #expect(
            try store.texts("SELECT DISTINCT kind FROM event ORDER BY kind") == [
                "finished", "resumed", "settled", "started", "step-confirmed", "step-failed",
                "step-found-done", "step-intended", "step-written", "stopped",
            ])
    }

    @Test("an event of a run that nobody began is refused")
    func unknownRun() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        #expect(throws: JournalError.unknownRun(RunID("run-9"))) {
            try store.append(.settled(batch: 1), to: RunID("run-9"), at: at(0))
        }
        #expect(throws: JournalError.unknownRun(RunID("run-9"))) {
            try store.events(of: RunID("run-9"))
        }
        #expect(try store.run(RunID("run-9")) == nil)
    }

    @Test("a run cannot begin twice, and the refused beginning leaves nothing behind")
    func runExists() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        try store.begin(header("run-2"), rollout, at: at(1))
        #expect(throws: JournalError.runExists(RunID("run-2"))) {
            try store.begin(
                header("run-2"), rollout, superseding: [RunID("run-1")], at: at(2))
        }
        #expect(try store.events(of: RunID("run-1")).count == 1)
        #expect(try store.events(of: RunID("run-2")).count == 1)
    }

    @Test(
        "the file itself refuses to change what is written",
        arguments: [
            "UPDATE event SET payload = '{}'", "UPDATE event SET at = 0", "DELETE FROM event",
            "INSERT OR REPLACE INTO event VALUES ('run-1', 1, 0, 'started', '{}')",
            "INSERT INTO event VALUES ('run-1', 7, 0, 'settled', '{}')",
            "UPDATE run SET plan = 'other'", "DELETE FROM run",
            "INSERT OR REPLACE INTO run VALUES ('run-1', 'apply', 'p', 'c', NULL, NULL, 0, '{}')",
            "INSERT INTO event VALUES ('nobody', 1, 0, 'settled', '{}')",
        ])
    func appendOnly(sql: String) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        try store.append(.settled(batch: 1), to: RunID("run-1"), at: at(1))
        let dump = "SELECT payload || at FROM event UNION SELECT plan || header FROM run"
        let before = try store.texts(dump)
        let error = #expect(throws: DatabaseError.self) { try store.execute(sql) }
        #expect(error?.resultCode == .SQLITE_CONSTRAINT)
        #expect(try store.texts(dump) == before)
    }

    @Test("two processes may have the file open and see each other's runs")
    func twoOpeners() throws {
        let folder = try Folder()
        let first = try JournalStore.open(path: folder.state)
        let second = try JournalStore.open(path: folder.state)
        let reader = try JournalStore.open(path: folder.state, readOnly: true)
        try first.begin(header("run-1"), rollout, at: at(0))
        try second.append(.settled(batch: 1), to: RunID("run-1"), at: at(1))
        try first.append(.settled(batch: 2), to: RunID("run-1"), at: at(2))
        #expect(try reader.events(of: RunID("run-1")).map(\.sequence) == [1, 2, 3])
    }

    @Test("many who create the file at once get one file, and nothing is left lying about")
    func concurrentCreation() async throws {
        let folder = try Folder()
        let path = folder.state
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    let store = try JournalStore.open(path: path)
                    try store.begin(header("run-\(number)"), rollout, at: at(0))
                    try store.queue.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try JournalStore.open(path: path, readOnly: true).runs().count == 8)
        #expect(!(try folder.names().contains { $0.contains(".new-") }))
    }

    @Test("a full disk is told, loses only the event at hand, and leaves no gap")
    func fullDisk() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        let pages = try #require(try store.texts("PRAGMA page_count").first)
        try store.execute("PRAGMA max_page_count = \(pages)")
        let large = RunEvent.stepConfirmed(
            StepID(1), evidence: String(repeating: "x", count: 90_000))
        #expect(throws: JournalError.diskFull(path: folder.state)) {
            try store.append(large, to: RunID("run-1"), at: at(1))
        }
        try store.execute("PRAGMA max_page_count = 1000000")
        try store.append(large, to: RunID("run-1"), at: at(2))
        #expect(try store.events(of: RunID("run-1")).map(\.sequence) == [1, 2])
    }

    @Test("a store opened for reading refuses to write")
    func readOnly() throws {
        let folder = try Folder()
        _ = try JournalStore.open(path: folder.state)
        let store = try JournalStore.open(path: folder.state, readOnly: true)
        #expect(throws: JournalError.readOnlyFileSystem(path: folder.state)) {
            try store.begin(header("run-1"), rollout, at: at(0))
        }
    }
}
