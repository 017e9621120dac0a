package import Diagnostics
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
        /// Only what these steps of the run did; nil for all of them.
        package var steps: Set<StepID>?

        package init(
            toStage: Stage? = nil, policiesOnly: Bool = false, overwrite: Bool = false,
            steps: Set<StepID>? = nil
        ) {
            self.toStage = toStage
            self.policiesOnly = policiesOnly
            self.overwrite = overwrite
            self.steps = steps
        }
    }

    /// - Parameters:
    ///   - rollbacks: earlier rollbacks of `run` that did not undo all of it, newest first.
    ///   - plan: the run's own, whose settings the gates keep to; nil where it is not known.
    ///   - flows: what is carried now is not to break on the way back either.
    ///   - dismissed: flows of which no account is taken.
    package static func plan(
        undoing run: RunState, rollbacks: [RunState], on observed: MeshState,
        plan: MeshPlan? = nil, flows: [Flow] = [], dismissed: [Flow] = [], options: Options
    ) -> PlannedRollback {
        let observed = observed.sorted
        let objects = RestorableObjects(
            NetEffect(of: run, rollbacks: rollbacks, after: options.toStage, only: options.steps),
            in: observed,
            policiesOnly: options.policiesOnly, overwrite: options.overwrite)
        let policies = PolicyRestorations(objects.policies, in: observed)
        let dataplanes = DataplaneRestorations(
            objects.labels, templates: objects.templates, in: observed)
        let traffic = TrafficRestorations(objects.traffic)
        let phases: [(Phase, [[Change]])] =
            options.policiesOnly
            ? [(.relax, [policies.relax])]
            : [
                (.relax, [policies.relax]), (.restore, dataplanes.batches),
                (.remove, [policies.remove] + traffic.batches), (.retighten, policies.retighten),
            ]
        let guarded = GuardedRollback(
            steps(of: phases), keeping: flows, on: observed, plan: run.header.plan)
        var rollout = Rollout(steps: guarded.steps, settings: run.rollout.settings)
        rollout.gates =
            RollbackGates(
                rollout.batches, of: plan ?? MeshPlan(name: run.header.plan), on: observed,
                clients: KnownClients(guarded.guarantee, dismissed: dismissed, on: observed)
            ).checks
        return PlannedRollback(
            rollout: rollout,
            conflicts: objects.conflicts,
            diagnostics: objects.diagnostics + dataplanes.diagnostics + guarded.diagnostics
                + RecreatedPolicies.diagnostics(for: guarded.steps, on: observed),
            leftAlone: (objects.conflicts.map(\.object) + objects.unread + dataplanes.leftAlone
                + guarded.leftAlone).sorted())
    }

    private static func steps(of phases: [(Phase, [[Change]])]) -> [Step] {
        var steps: [Step] = []
        var batch = 0
        for (phase, batches) in phases {
            for changes in batches where !changes.isEmpty {
                batch += 1
                for change in changes {
                    let settles = change.action != .label && change.action != .restart
                    steps.append(
                        Step(
                            id: StepID(steps.count + 1), phase: phase, batch: batch,
                            settles: settles, change: change))
                }
            }
        }
        return steps
    }
}

/// A rollback's rollout, with what it leaves as it is.
package struct PlannedRollback: Sendable, Equatable {
    package var rollout: Rollout
    package var conflicts: [RollbackConflict]
    package var diagnostics: [Diagnostic]
    /// The objects in conflict, and those that cannot be brought back as they stand: a rollback that
    /// leaves something is incomplete.
    package var leftAlone: [ObjectReference]

    package init(
        rollout: Rollout = Rollout(), conflicts: [RollbackConflict] = [],
        diagnostics: [Diagnostic] = [], leftAlone: [ObjectReference] = []
    ) {
        self.rollout = rollout
        self.conflicts = conflicts
        self.diagnostics = diagnostics
        self.leftAlone = leftAlone
    }
}
