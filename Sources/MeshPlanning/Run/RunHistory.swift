/// The runs of one cluster and plan, newest first, and what may be done with them.
package struct RunHistory: Sendable {
    package let runs: [RunState]

    package init(newestFirst runs: [RunState]) {
        self.runs = runs.indices.map {
            Self.known(runs[$0], newer: runs[..<$0], older: runs[($0 + 1)...])
        }
    }

    /// What the runs around it tell of a pulled apply. It may have done each of its steps, or none: it may have
    /// stopped before its first write. It left nothing on an object that a rollback of an older run has brought
    /// back since: a rollback leaves alone what is not as its own run left it.
    private static func known(
        _ run: RunState, newer: ArraySlice<RunState>, older: ArraySlice<RunState>
    ) -> RunState {
        guard run.isPulled, run.header.kind == .apply else { return run }
        let olderRuns = Set(older.map(\.header.id))
        var known = run
        for rollback in newer
        where rollback.header.target.map(olderRuns.contains) ?? false
            && rollback.status == .finished(.done)
        {
            known.leftNothing(on: rollback.writtenObjects)
        }
        return known
    }

    /// The apply that stopped part-way and that `apply` goes on with: only ever the newest one, and only one
    /// of this journal's own.
    package var openApply: RunState? {
        guard let newest = runs.first(where: { $0.header.kind == .apply }), !newest.isFinished,
            !newest.isPulled, rollbacks(of: newest.header.id).isEmpty
        else { return nil }
        return newest
    }

    /// The rollback that did not get to its end. Where somebody else made a run after it, its steps are out of
    /// date: another one is planned then. An emergency is not gone on with either: the next one looks anew.
    package var openRollback: RunState? {
        runs.prefix { !$0.isPulled }.first {
            $0.header.kind == .rollback && !$0.isEmergency && !$0.isFinished
        }
    }

    /// The newest apply that changed something and is not wholly rolled back.
    package var rollbackTarget: RunState? { runs.first(where: canBeRolledBack) }

    /// The apply that is wholly undone, where its rollback is the newest run. Pods that were made meanwhile may
    /// have been missed, where the command did not live to look for them.
    package var justUndone: RunState? {
        guard let id = runs.first?.header.target,
            rollbacks(of: id).contains(where: \.undidEverything)
        else { return nil }
        return runs.first { $0.header.id == id }
    }

    package func canBeRolledBack(_ run: RunState) -> Bool {
        run.header.kind == .apply && run.hasWritten
            && !rollbacks(of: run.header.id).contains(where: \.undidEverything)
    }

    /// Rollbacks that aim at this run, and emergencies that wrote to its objects since; newest first, finished
    /// or not.
    package func rollbacks(of id: RunID) -> [RunState] {
        let target = runs.first { $0.header.id == id && $0.header.kind == .apply }
        let objects = target?.writtenObjects ?? []
        return runs.prefix { $0.header.id != id }.filter { run in
            run.header.kind == .rollback
                && (run.header.target == id
                    || run.isEmergency && !run.writtenObjects.isDisjoint(with: objects))
        }
    }

    /// The runs of which nothing needs to be kept in the cluster any more, oldest first: those before the
    /// newest `count`, but for what can be gone on with, and what a rollback would undo next.
    package func forgettable(beyond count: Int) -> [RunID] {
        var kept = Set(runs.prefix(count).map(\.header.id))
        kept.formUnion([openApply, openRollback, rollbackTarget].compactMap { $0?.header.id })
        // Without its rollbacks a run would seem not to be undone.
        kept.formUnion(
            runs.filter { $0.header.target.map(kept.contains) ?? false }.map(\.header.id))
        return runs.reversed().map(\.header.id).filter { !kept.contains($0) }
    }

    /// The applies after `run` that have to be undone before it, newest first: those that wrote to an object
    /// that it wrote to, those that came after one of these and did the same, and so on.
    package func laterRuns(touchingObjectsOf run: RunState) -> [RunState] {
        var objects = run.writtenObjects
        var later: [RunState] = []
        for next in runs.prefix(while: { $0.header.id != run.header.id }).reversed()
        where canBeRolledBack(next) && !next.writtenObjects.isDisjoint(with: objects) {
            objects.formUnion(next.writtenObjects)
            later.insert(next, at: 0)
        }
        return later
    }
}

extension RunState {
    package var isEmergency: Bool { header.isEmergency ?? false }

    /// Of a rollback: whether it came to its end, and nothing of its target is left.
    var undidEverything: Bool {
        status == .finished(.done) && header.stage == nil && !header.isPoliciesOnly && !isEmergency
    }

    /// Objects that the run wrote to, or may have.
    package var writtenObjects: Set<ObjectReference> {
        Set(rollout.steps.filter { intent(of: $0.id) != nil }.map(\.change.object))
    }

    /// The intent of a step whose write was done, or may have been.
    package func intent(of id: StepID) -> StepIntent? {
        switch steps[id] {
        case .inDoubt(let intent), .written(let intent, _), .confirmed(let intent, _): intent
        case .pending, .foundDone, .failed, nil: nil
        }
    }
}
