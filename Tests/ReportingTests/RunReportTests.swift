import JSON
import MeshModel
import MeshPlanning
import Testing
import Timing

@testable import Reporting

/// Runs built from their events, as a journal holds them, three seconds apart.
struct RecordedEvents {
    var header: RunHeader
    var rollout: Rollout
    var events: [(time: Timestamp, event: RunEvent)] = []

    /// - Parameter minute: of 2026-11-21 01:00Z.
    init(
        _ id: String, _ kind: RunHeader.Kind = .apply, stage: Stage? = .strict,
        of target: String? = nil,
        isPoliciesOnly: Bool = false, rollout: Rollout, minute: Int64
    ) {
        header = RunHeader(
            id: RunID(id), kind: kind, plan: plan, clusterUID: "c1", server: server, stage: stage,
            isPoliciesOnly: isPoliciesOnly, target: target.map { RunID($0) },
            startedBy: "ada@laptop")
        self.rollout = rollout
        start = 1_795_222_800_000 + minute * 60_000
        add(.started(header, rollout))
    }

    private var start: Int64

    mutating func add(_ event: RunEvent) {
        let time = Timestamp(milliseconds: start + Int64(events.count) * 3000)
        events.append((time, event))
    }

    mutating func intend(_ number: Int) {
        let change = rollout.steps[number - 1].change
        let intent = StepIntent(change: change, uid: "u\(number)", resourceVersion: "10\(number)")
        add(.stepIntended(StepID(number), intent))
    }

    mutating func finish(_ number: Int, _ evidence: String) {
        intend(number)
        let receipt = WriteReceipt(uid: "u\(number)", resourceVersion: "20\(number)")
        add(.stepWritten(StepID(number), receipt))
        add(.stepConfirmed(StepID(number), evidence: evidence))
    }

    var state: RunState {
        get throws { try #require(RunState(replaying: events.map(\.event))) }
    }

    var recorded: RecordedRun {
        get throws { RecordedRun(try state, startedAt: events[0].time) }
    }
}

@Suite("The report of a run")
struct RunReportTests {
    private func stoppedRun() -> RecordedEvents {
        var run = RecordedEvents("20261121-010000-4f2a", rollout: twoWaveRollout(), minute: 0)
        run.finish(1, "3 of 3 running pods captured")
        run.add(.stepFoundDone(StepID(2)))
        run.finish(3, "2 pods ready, with a sidecar")
        run.intend(4)
        run.add(
            .stepWritten(
                StepID(4), WriteReceipt(uid: "u4", resourceVersion: "204", foundByReadingBack: true)
            ))
        run.add(
            .stepFailed(
                StepID(4), .unconfirmed(missing: "pod resilient-platform/postgres-0 is not ready")))
        run.add(.stopped(.stepFailed(StepID(4))))
        run.add(.resumed(by: "bob@jump"))
        run.add(.stepConfirmed(StepID(4), evidence: "1 pods ready, with a sidecar"))
        run.finish(5, "accepted by the API server")
        run.add(.settled(batch: 4))
        run.intend(6)
        run.add(.stepFailed(StepID(6), .refused(status: 403, reason: "Forbidden", message: "no")))
        run.add(.stopped(.stepFailed(StepID(6))))
        return run
    }

    private func rollback(of id: String, finished: Bool) -> RecordedEvents {
        let change = policyChange("media/default", from: image(.permissive), to: image(.strict))
        var run = RecordedEvents(
            "20261121-013000-77aa", .rollback, stage: nil, of: id,
            rollout: Rollout(steps: [Step(id: StepID(1), phase: .relax, batch: 1, change: change)]),
            minute: 30)
        run.finish(1, "accepted by the API server")
        if finished { run.add(.finished(.done)) }
        return run
    }

    @Test("steps carry their state, their evidence and what failed")
    func text() throws {
        let run = stoppedRun()
        let report = RunReport(
            try run.state, events: run.events,
            rollbacks: [try rollback(of: run.header.id.text, finished: false).recorded])
        try expectGolden(report.rendered(as: .text), "run.txt")
        try expectGolden(report.rendered(as: .text, color: true), "run-color.txt")
        try expectGolden(report.rendered(as: .json), "run.json")
    }

    @Test("a run that is limited to waves says so")
    func waves() throws {
        var run = RecordedEvents("20261121-010000-4f2a", rollout: twoWaveRollout(), minute: 0)
        run.header.waves = ["canary"]
        run.events = []
        run.add(.started(run.header, run.rollout))
        let report = RunReport(try run.state, events: run.events)
        #expect(
            report.rendered(as: .text)
                .contains("resilient-platform, wave canary, through stage strict"))
        #expect(report.json["waves"] == ["canary"])
        let history = HistoryReport(newestFirst: [try run.recorded])
        #expect(history.rendered(as: .text).contains("strict (canary)"))
    }

    @Test("a failure that was overcome later is no failure of the step")
    func overcome() throws {
        let run = stoppedRun()
        let report = RunReport(try run.state, events: run.events)
        #expect(
            report.steps.map(\.state) == [
                "done", "found-done", "done", "done", "done", "failed", "pending", "pending",
                "pending",
            ])
        #expect(report.steps[3].failure == nil)
        #expect(report.steps[5].failure?.reason == "refused")
        #expect(report.summary == .init(steps: 9, done: 5, failed: 1))
    }

    @Test("a step that failed, and was found done later, has not failed")
    func foundDone() throws {
        var run = RecordedEvents("r1", rollout: twoWaveRollout(), minute: 0)
        run.add(.stepFailed(StepID(1), .moved(detail: "it was deleted")))
        run.add(.stopped(.stepFailed(StepID(1))))
        run.add(.resumed(by: "bob@jump"))
        run.add(.stepFoundDone(StepID(1)))
        let report = RunReport(try run.state, events: run.events)
        #expect(report.steps[0].state == "found-done")
        #expect(report.steps[0].failure == nil)
        #expect(report.summary.failed == 0)
    }

    @Test("a run without events is still shown")
    func noEvents() throws {
        let run = stoppedRun()
        let report = RunReport(RunState(header: run.header, rollout: Rollout()), events: [])
        #expect(report.rendered(as: .text).contains("open; 0 of 0 steps done"))
        #expect(report.json["startedAt"] == .null)
    }

    @Test("the history says how each run stands, its rollbacks taken into account")
    func history() throws {
        let first = stoppedRun()
        var second = RecordedEvents(
            "20261121-011000-aaaa", stage: .permissive, rollout: twoWaveRollout(), minute: 10)
        second.finish(1, "x")
        second.add(.finished(.done))
        var open = RecordedEvents("20261121-014000-bbbb", rollout: twoWaveRollout(), minute: 40)
        open.intend(1)
        var relaxing = RecordedEvents(
            "20261121-015000-cccc", .rollback, stage: nil, of: second.header.id.text,
            isPoliciesOnly: true, rollout: Rollout(steps: [twoWaveRollout().steps[4]]), minute: 50)
        relaxing.events[0].event = .started(relaxing.header, relaxing.rollout)
        relaxing.rollout = twoWaveRollout()
        relaxing.finish(5, "x")
        relaxing.add(.finished(.incomplete))
        let whole = rollback(of: first.header.id.text, finished: true)
        let report = HistoryReport(newestFirst: [
            try relaxing.recorded, try open.recorded, try whole.recorded, try second.recorded,
            try first.recorded,
        ])
        try expectGolden(report.rendered(as: .text), "history.txt")
        try expectGolden(report.rendered(as: .json), "history.json")
    }

    @Test("no runs are said in every format")
    func noRuns() {
        let report = HistoryReport(newestFirst: [])
        #expect(report.rendered(as: .text) == "No runs yet.\n")
        #expect(report.json["runs"] == [])
        #expect(report.rendered(as: .markdown).contains("No runs yet."))
    }
}
