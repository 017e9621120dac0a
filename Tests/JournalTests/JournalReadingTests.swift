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

    @Test("a summary tells what began the run, and its latest event")
    func summary() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(5))
        try store.append(.settled(batch: 1), to: RunID("run-1"), at: at(9))
        let summary = try store.run(RunID("run-1"))
        #expect(
            summary
                == RunSummary(
                    header: header("run-1"), startedAt: at(5), latestAt: at(9), status: .open))
    }

    @Test(
        "the status is that of the replayed events",
        arguments: [
            ([], .open, true),
            ([.stopped(.interrupted)], .stopped(.interrupted), true),
            ([.stopped(.interrupted), .settled(batch: 1)], .stopped(.interrupted), true),
            ([.stopped(.interrupted), .resumed(by: "ana")], .open, true),
            ([.resumed(by: "ana"), .finished(.done)], .finished(.done), false),
            ([.stopped(.superseded)], .stopped(.superseded), false),
            ([.stopped(.stepFailed(StepID(2)))], .stopped(.stepFailed(StepID(2))), true),
            ([.finished(.incomplete)], .finished(.incomplete), false),
        ] as [([RunEvent], RunState.Status, Bool)])
    func status(events: [RunEvent], status: RunState.Status, isOpen: Bool) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(0))
        for event in events { try store.append(event, to: RunID("run-1"), at: at(1)) }
        let summary = try #require(try store.run(RunID("run-1")))
        #expect(summary.status == status)
        #expect(summary.isOpen == isOpen)
        let state = RunState(replaying: try store.events(of: RunID("run-1")).map(\.event))
        #expect(state?.status == status)
        #expect(state?.isFinished == !isOpen)
        #expect((try store.openRun(cluster: "c-1", plan: "shop") != nil) == isOpen)
    }

    @Test("the open run is the newest that has something left, of this cluster and plan")
    func openRun() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-1"), rollout, at: at(1))
        try store.begin(header("run-2"), rollout, superseding: [RunID("run-1")], at: at(2))
        try store.begin(header("run-3", cluster: "c-2"), rollout, at: at(3))
        #expect(try store.openRun(cluster: "c-1", plan: "shop")?.header.id == RunID("run-2"))
        #expect(try store.run(RunID("run-1"))?.status == .stopped(.superseded))
        try store.append(.finished(.done), to: RunID("run-2"), at: at(4))
        #expect(try store.openRun(cluster: "c-1", plan: "shop") == nil)
        #expect(try store.openRun(cluster: "c-2", plan: "shop")?.header.id == RunID("run-3"))
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
