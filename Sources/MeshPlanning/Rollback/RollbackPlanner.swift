package import Diagnostics
package import JSON
package import MeshModel

/// Plans the way back from a run: not its steps reversed, but a rollout from the present cluster to the
/// before-images, in four phases: relax, restore data planes, remove, re-tighten.
package enum RollbackPlanner {
    package struct Options: Sendable, Equatable {
        /// Go back only to the end of this stage.
        package var toStage: Stage?
        /// Only relax, at once.
        package var policiesOnly: Bool
        /// Restore objects although somebody else changed them since.
        package var overwrite: Bool

        package init(toStage: Stage? = nil, policiesOnly: Bool = false, overwrite: Bool = false) {
            self.toStage = toStage
            self.policiesOnly = policiesOnly
            self.overwrite = overwrite
        }
    }

    /// - Parameter rollbacks: earlier rollbacks of `run` that did not undo all of it.
    package static func plan(
        undoing run: RunState, rollbacks: [RunState], on observed: MeshState, options: Options
    ) -> PlannedRollback {
        let effect = NetEffect(of: run, rollbacks: rollbacks, after: options.toStage)
        var draft = RollbackDraft(effect, state: observed, overwrite: options.overwrite)
        if options.policiesOnly { draft.keepOnlyRelaxing() }
        return PlannedRollback(
            rollout: Rollout(steps: draft.steps, settings: run.rollout.settings),
            conflicts: draft.conflicts, diagnostics: draft.diagnostics)
    }
}

/// A rollback's rollout, with the objects that it leaves alone.
package struct PlannedRollback: Sendable, Equatable {
    package var rollout: Rollout
    package var conflicts: [RollbackConflict]
    package var diagnostics: [Diagnostic]

    package init(
        rollout: Rollout = Rollout(), conflicts: [RollbackConflict] = [],
        diagnostics: [Diagnostic] = []
    ) {
        self.rollout = rollout
        self.conflicts = conflicts
        self.diagnostics = diagnostics
    }
}

/// An object that somebody else changed after the run: shown as three columns and left alone.
package struct RollbackConflict: Sendable, Hashable, Codable {
    package var object: ObjectReference
    /// As it was before the run; null is absence.
    package var before: JSONValue
    /// As the run left it.
    package var ours: JSONValue
    package var now: JSONValue
}
