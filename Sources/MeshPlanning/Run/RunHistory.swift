/// The runs of one cluster and plan, newest first, and what may be done with them.
package struct RunHistory: Sendable {
    package let runs: [RunState]

    package init(newestFirst runs: [RunState]) { self.runs = runs }

    /// The apply that stopped part-way and that `apply` goes on with: only ever the newest one.
    package var openApply: RunState? {
        guard let newest = runs.first(where: { $0.header.kind == .apply }), !newest.isFinished,
            rollbacks(of: newest.header.id).isEmpty
        else { return nil }
        return newest
    }

    /// The rollback that did not get to its end. An emergency is not gone on with: the next one looks anew.
    package var openRollback: RunState? {
        runs.first { $0.header.kind == .rollback && !$0.isEmergency && !$0.isFinished }
    }

    /// The newest apply that changed something and is not wholly rolled back.
    package var rollbackTarget: RunState? { runs.first(where: canBeRolledBack) }

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
