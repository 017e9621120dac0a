import MeshModel
import MeshPlanning
import Testing

@Suite("The history of a cluster's runs")
struct RunHistoryTests {
    private static let strict = policyChange("shop/default", nil, .strict)

    private func apply(
        _ id: String, _ changes: [Change] = [strict], ending: RunEvent? = .finished(.done),
        outcome: ModelRun.Outcome = .done
    ) -> RunState {
        ModelRun(
            rollout(changes.map { [$0] }), on: MeshState(), id: id, ending: ending
        ) { _ in outcome }.run
    }

    private func rollback(
        _ id: String, of target: String, toStage: Stage? = nil, policiesOnly: Bool = false,
        ending: RunEvent? = .finished(.done), outcome: ModelRun.Outcome = .done
    ) -> RunState {
        ModelRun(
            rollout([[policyChange("shop/default", .strict, nil)]]), on: MeshState(), id: id,
            undoing: RunID(target), toStage: toStage, policiesOnly: policiesOnly, ending: ending
        ) { _ in outcome }.run
    }

    private func history(_ newestFirst: RunState...) -> RunHistory {
        RunHistory(newestFirst: newestFirst)
    }

    // MARK: - Open runs

    @Test(
        "apply goes on with the newest apply while it is open or stopped",
        arguments: [nil, .stopped(.interrupted), .stopped(.stepFailed(StepID(1)))] as [RunEvent?])
    func openApply(ending: RunEvent?) {
        let history = history(apply("b", ending: ending), apply("a"))
        #expect(history.openApply?.header.id == RunID("b"))
    }

    @Test(
        "apply does not go on with a run that is finished or superseded",
        arguments: [.finished(.done), .finished(.incomplete), .stopped(.superseded)] as [RunEvent])
    func finishedApply(ending: RunEvent) {
        #expect(history(apply("a", ending: ending)).openApply == nil)
    }

    @Test(
        "a run that met what somebody else changed is out of date until it is gone on with, or ends"
    )
    func outdated() throws {
        let id = StepID(1)
        var run = try #require(
            RunState(
                replaying: [
                    .started(RunSimulation.header, rollout([[Self.strict]])),
                    .stepFailed(id, .moved(detail: "its spec is another one")),
                ]))
        #expect(run.isOutdated)
        run.apply(.stopped(.stepFailed(id)))
        #expect(run.isOutdated)
        var other = run
        other.apply(.resumed(by: "ana"))
        #expect(!other.isOutdated)
        run.apply(.stopped(.superseded))
        #expect(!run.isOutdated)
        let refused = RunEvent.stepFailed(id, .refused(status: 403, reason: "", message: ""))
        other.apply(refused)
        #expect(!other.isOutdated)
    }

    @Test(
        "what the newest run has undone wholly, or an earlier rollback of the same, is just undone")
    func justUndone() {
        let a = apply("a")
        #expect(history(rollback("b", of: "a"), a).justUndone?.header.id == RunID("a"))
        let incomplete = rollback("c", of: "a", ending: .finished(.incomplete))
        #expect(
            history(incomplete, rollback("b", of: "a"), a).justUndone?.header.id == RunID("a"))
        #expect(history(incomplete, a).justUndone == nil)
        #expect(history(rollback("b", of: "a", policiesOnly: true), a).justUndone == nil)
        #expect(history(apply("c"), rollback("b", of: "a"), a).justUndone == nil)
        #expect(history(a).justUndone == nil)
    }

    @Test("apply goes on with no run but the newest")
    func olderApply() {
        #expect(history(apply("b"), apply("a", ending: nil)).openApply == nil)
    }

    @Test("apply does not go on with a run that a rollback took in hand, whatever came of it")
    func openApplyRolledBack() {
        for ending in [nil, RunEvent.finished(.incomplete), .finished(.done)] {
            let history = history(rollback("b", of: "a", ending: ending), apply("a", ending: nil))
            #expect(history.openApply == nil)
        }
    }

    @Test("a rollback of an older run does not keep apply from the newest")
    func openApplyBesideRollback() {
        let history = history(
            apply("c", ending: nil), rollback("b", of: "a"), apply("a"))
        #expect(history.openApply?.header.id == RunID("c"))
    }

    @Test("a rollback that was interrupted is open, and one that had to leave something is not")
    func openRollback() {
        let interrupted = rollback("b", of: "a", ending: .stopped(.interrupted))
        #expect(history(interrupted, apply("a")).openRollback?.header.id == RunID("b"))
        let incomplete = rollback("b", of: "a", ending: .finished(.incomplete))
        #expect(history(incomplete, apply("a")).openRollback == nil)
        #expect(history(apply("a", ending: nil)).openRollback == nil)
    }

    // MARK: - What can be rolled back

    @Test("the target is the newest apply that wrote something")
    func target() {
        let history = history(
            apply("c", outcome: .refused), apply("b", outcome: .foundDone), apply("a"))
        #expect(history.rollbackTarget?.header.id == RunID("a"))
    }

    @Test("a run with only a step in doubt is a target, since it may have written")
    func targetInDoubt() {
        let history = history(
            apply("b", ending: nil, outcome: .inDoubt(isWritten: false)), apply("a"))
        #expect(history.rollbackTarget?.header.id == RunID("b"))
    }

    @Test("a run that was interrupted or superseded is a target")
    func targetStopped() {
        for reason in [StopReason.interrupted, .superseded] {
            #expect(history(apply("a", ending: .stopped(reason))).rollbackTarget != nil)
        }
    }

    @Test("after one rollback the run before is the target, and after two there is none")
    func targets() {
        let a = apply("a")
        let b = apply("b")
        #expect(history(rollback("c", of: "b"), b, a).rollbackTarget?.header.id == RunID("a"))
        #expect(history(rollback("d", of: "a"), rollback("c", of: "b"), b, a).rollbackTarget == nil)
    }

    @Test("a rollback is never a target")
    func rollbackIsNoTarget() {
        let back = rollback("b", of: "a")
        let history = history(back, apply("a"))
        #expect(!history.canBeRolledBack(back))
        #expect(history.rollbackTarget == nil)
    }

    @Test("a run is still a target after a rollback that was not all the way to its end")
    func partialRollbacks() {
        let partial = [
            rollback("b", of: "a", toStage: .permissive),
            rollback("b", of: "a", policiesOnly: true),
            rollback("b", of: "a", ending: .finished(.incomplete)),
            rollback("b", of: "a", ending: .stopped(.interrupted)),
            rollback("b", of: "a", ending: nil),
        ]
        for rollback in partial {
            #expect(history(rollback, apply("a")).rollbackTarget?.header.id == RunID("a"))
        }
    }

    @Test("the rollbacks of a run are those that aim at it, newest first")
    func rollbacks() {
        let history = history(
            rollback("e", of: "a"), rollback("d", of: "b"),
            rollback("c", of: "a", policiesOnly: true), apply("b"), apply("a"))
        #expect(history.rollbacks(of: RunID("a")).map(\.header.id.text) == ["e", "c"])
    }

    // MARK: - Emergencies

    private func emergency(
        _ id: String, on changes: Change = policyChange("shop/default", .strict, .permissive),
        ending: RunEvent? = .finished(.done), outcome: ModelRun.Outcome = .done
    ) -> RunState {
        ModelRun(
            rollout([[changes]]), on: MeshState(), id: id, isEmergency: true, ending: ending
        ) { _ in outcome }.run
    }

    @Test("an emergency is a rollback of each run before it whose objects it wrote to")
    func emergencies() {
        let history = history(
            apply("e"), emergency("d"), emergency("c", on: Self.other), apply("b", [Self.other]),
            apply("a"))
        #expect(history.rollbacks(of: RunID("a")).map(\.header.id.text) == ["d"])
        #expect(history.rollbacks(of: RunID("b")).map(\.header.id.text) == ["c"])
        #expect(history.rollbacks(of: RunID("e")).isEmpty)
        // What an emergency opened, another one does not undo.
        let emergencies = self.history(emergency("g"), emergency("f"))
        #expect(emergencies.rollbacks(of: RunID("f")).isEmpty)
    }

    @Test("after an emergency apply does not go on with the run, and a rollback still undoes it")
    func afterEmergency() {
        let open = apply("a", ending: .stopped(.interrupted))
        let relaxed = history(emergency("b"), open)
        #expect(relaxed.openApply == nil)
        #expect(relaxed.rollbackTarget?.header.id == RunID("a"))
        #expect(history(emergency("b", outcome: .refused), open).openApply != nil)
        #expect(history(emergency("b", on: Self.other), open).openApply != nil)
    }

    @Test("an emergency that was interrupted is not gone on with")
    func openEmergency() {
        #expect(history(emergency("b", ending: nil), apply("a")).openRollback == nil)
    }

    // MARK: - Runs of other machines

    private func pulled(_ run: RunState, end: RunEvent? = nil) throws -> RunState {
        let events: [RunEvent] = [.started(run.header, run.rollout), .pulled(by: "me@laptop")]
        return try #require(RunState(replaying: events + [end].compactMap(\.self)))
    }

    @Test("of a pulled run each step may have been done, and how it ended is what was noted")
    func pulledState() throws {
        let run = try pulled(apply("a", [Self.strict, Self.other]))
        #expect(run.isPulled && run.hasWritten && !run.isFinished)
        #expect(run.writtenObjects.count == 2 && !run.isDone(StepID(1)))
        #expect(try pulled(apply("a"), end: .finished(.done)).isFinished)
    }

    @Test("a pulled run is never gone on with, and can be rolled back")
    func pulledRun() throws {
        let history = history(try pulled(apply("b")), apply("a", ending: nil))
        #expect(history.openApply == nil)
        #expect(history.rollbackTarget?.header.id == RunID("b"))
        let back = try pulled(rollback("c", of: "b"))
        #expect(self.history(back, apply("b")).openRollback == nil)
        #expect(self.history(back, apply("b")).rollbackTarget?.header.id == RunID("b"))
    }

    @Test("a rollback that another machine brought to its end is one")
    func pulledRollback() throws {
        let back = try pulled(rollback("c", of: "b"), end: .finished(.done))
        #expect(history(back, apply("b"), apply("a")).rollbackTarget?.header.id == RunID("a"))
    }

    @Test(
        "a pulled run left nothing where a rollback of an older run brought the object back since")
    func pulledRunThatLeftNothing() throws {
        let back = try pulled(rollback("c", of: "a"), end: .finished(.done))
        let a = try pulled(apply("a"), end: .finished(.done))
        #expect(history(back, try pulled(apply("b")), a).rollbackTarget == nil)
        // Not where another object may stand, where the rollback is not done, or where it is of a newer run.
        let wide = try pulled(apply("b", [Self.strict, Self.other]))
        let target = history(back, wide, a).rollbackTarget
        #expect(target?.writtenObjects == [Self.other.object])
        let open = try pulled(rollback("c", of: "a"))
        #expect(history(open, try pulled(apply("b")), a).rollbackTarget?.header.id == RunID("b"))
        let newer = try pulled(apply("a"))
        let second = history(back, newer, try pulled(apply("b"))).rollbackTarget
        #expect(second?.header.id == RunID("b"))
        // What this journal made itself, it knows.
        #expect(history(back, apply("b"), a).rollbackTarget?.header.id == RunID("b"))
    }

    @Test("an open rollback is not gone on with once another machine made a run after it")
    func openRollbackOutOfDate() throws {
        let open = rollback("b", of: "a", ending: .stopped(.interrupted))
        #expect(history(try pulled(apply("c")), open, apply("a")).openRollback == nil)
        #expect(history(open, try pulled(apply("a"))).openRollback?.header.id == RunID("b"))
    }

    @Test("old runs can be forgotten, but for what can be undone or gone on with, oldest first")
    func forgettable() {
        let a = apply("a")
        let (b, c) = (apply("b"), rollback("c", of: "b"))
        let (d, e) = (apply("d"), rollback("e", of: "d"))
        #expect(history(e, d, c, b, a).forgettable(beyond: 2).map(\.text) == ["b", "c"])
        #expect(history(e, d, c, b, a).forgettable(beyond: 5) == [])
        // A rollback stays as long as its run does: `a` is not wholly rolled back.
        let partial = rollback("a2", of: "a", policiesOnly: true)
        #expect(
            history(e, d, c, b, partial, a).forgettable(beyond: 0).map(\.text) == [
                "b", "c", "d", "e",
            ])
        let open = rollback("f", of: "d", ending: nil)
        #expect(history(open, d, a).forgettable(beyond: 0).map(\.text) == ["a"])
    }

    // MARK: - Later runs

    private static let other = policyChange("other/default", nil, .strict)

    @Test("later runs count where they wrote to an object of the run")
    func laterRuns() {
        let a = apply("a")
        let history = history(apply("c", [Self.other]), apply("b"), a, apply("0"))
        #expect(history.laterRuns(touchingObjectsOf: a).map(\.header.id.text) == ["b"])
    }

    @Test("later runs that are rolled back, or wrote nothing, do not count")
    func laterRunsUndone() {
        let a = apply("a")
        let history = history(
            apply("d", outcome: .refused), rollback("c", of: "b"), apply("b"), a)
        #expect(history.laterRuns(touchingObjectsOf: a).isEmpty)
    }

    @Test("a run that came after a later one and wrote to its objects counts too, newest first")
    func laterRunsOfLaterRuns() {
        let a = apply("a")
        let history = history(
            apply("d", [Self.other]), apply("c", [policyChange("third/default", nil, .strict)]),
            apply("b", [Self.strict, Self.other]), a)
        #expect(history.laterRuns(touchingObjectsOf: a).map(\.header.id.text) == ["d", "b"])
    }

    @Test("a run that wrote to a later one's objects before it does not count")
    func laterRunsInOrder() {
        let a = apply("a")
        let history = history(
            apply("c", [Self.strict, Self.other]), apply("b", [Self.other]), a)
        #expect(history.laterRuns(touchingObjectsOf: a).map(\.header.id.text) == ["c"])
    }
}
