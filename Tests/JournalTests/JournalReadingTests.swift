import MeshPlanning
import Testing

@testable import Journal

@Suite("Finding runs")
struct JournalReadingTests {
    @Test("runs are listed last journaled first, of one cluster or plan where asked")
    func listing() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-a"), rollout, at: at(1))
        try store.begin(header("run-b", plan: "bank"), rollout, at: at(3))
        try store.begin(header("run-c", cluster: "c-2"), rollout, at: at(2))
        try store.begin(header("run-d", kind: .rollback), rollout, at: at(3))
        func ids(_ runs: [RunSummary]) -> [String] { runs.map(\.header.id.text) }
        #expect(ids(try store.runs()) == ["run-d", "run-c", "run-b", "run-a"])
        #expect(ids(try store.runs(cluster: "c-1")) == ["run-d", "run-b", "run-a"])
        #expect(ids(try store.runs(plan: "shop")) == ["run-d", "run-c", "run-a"])
        #expect(ids(try store.runs(cluster: "c-1", plan: "shop")) == ["run-d", "run-a"])
        #expect(try store.runs(cluster: "c-1' OR '1'='1") == [])
    }

    @Test("a summary tells what began the run, and when")
    func summary() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(5))
        try store.append(.settled(batch: 1), to: RunID("run-1"), at: at(9))
        #expect(
            try store.run(RunID("run-1"))
                == RunSummary(header: header("run-1"), startedAt: at(5)))
    }

    @Test("a run that is superseded ends in the same moment in which the next one begins")
    func superseding() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(1))
        try store.begin(header("run-2"), rollout, superseding: [RunID("run-1")], at: at(2))
        let events = try store.events(of: RunID("run-1"))
        #expect(events.last?.event == .stopped(.superseded))
        #expect(events.last?.time == at(2))
    }

    @Test(
        "a run without its beginning, or with a gap, is refused and never left out",
        arguments: [
            ("DELETE FROM event WHERE seq = 1", 1), ("DELETE FROM event WHERE seq = 2", 2),
            ("UPDATE event SET payload = '{\"settled\":{\"batch\":1}}' WHERE seq = 1", 1),
            ("UPDATE event SET payload = replace(payload, 'run-1', 'run-7') WHERE seq = 1", 1),
        ])
    func incomplete(sql: String, sequence: Int) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        for batch in 1...2 {
            try store.append(.settled(batch: batch), to: RunID("run-1"), at: at(1))
        }
        try store.execute("DROP TRIGGER event_is_not_deleted; DROP TRIGGER event_is_not_changed")
        try store.execute(sql)
        let error = #expect(throws: JournalError.self) { try store.events(of: RunID("run-1")) }
        guard case .unreadableEvent(RunID("run-1"), sequence: sequence, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "an event that this version cannot read is named",
        arguments: ["not JSON", "{}", "{\"later\":{}}", "{\"settled\":{\"batch\":1e99}}"])
    func unreadable(payload: String) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        try store.execute("INSERT INTO event VALUES ('run-1', 2, 0, 'later', '\(payload)')")
        let error = #expect(throws: JournalError.self) { try store.events(of: RunID("run-1")) }
        guard case .unreadableEvent(RunID("run-1"), sequence: 2, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
