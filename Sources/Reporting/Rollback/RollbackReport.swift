import Diagnostics
package import MeshModel
package import MeshPlanning

/// `meshctl rollback`: the way back that is planned, and what it leaves alone.
package struct RollbackReport: Report {
    package let formatVersion = "1.0"
    package let kind = "Rollback"
    /// The run that is undone.
    @OrNull package var run: String?
    /// Empty where there is no run and none was asked for.
    package var plan: String
    package var server: String
    /// The stage that the mesh goes back to; null for all the way.
    @OrNull package var toStage: String?
    package var policiesOnly: Bool
    /// It goes by what the cluster shows, not by a run.
    package var emergency: Bool
    package var steps: [StepEntry]
    package var waits: [WaitEntry]
    package var conflicts: [ConflictEntry]
    package var hazards: [HazardEntry]
    package var summary: Summary

    package struct Summary: Encodable, Sendable, Hashable {
        package var steps: Int
        package var create: Int
        package var update: Int
        package var delete: Int
        package var label: Int
        package var restart: Int
        package var conflicts: Int
    }

    /// - Parameter target: the run that is undone; nil when there is none, and then nothing is planned.
    package init(
        _ planned: PlannedRollback, undoing target: RunHeader?, plan: String, server: String,
        toStage: Stage? = nil, policiesOnly: Bool = false, isEmergency: Bool = false
    ) {
        let rollout = planned.rollout
        _run = OrNull(wrappedValue: target?.id.text)
        self.plan = plan
        self.server = server
        _toStage = OrNull(wrappedValue: toStage?.rawValue)
        self.policiesOnly = policiesOnly
        emergency = isEmergency
        let gates = rollout.gatesByRound
        steps = rollout.steps.map {
            StepEntry($0, gates: gates[GateRound(.before, batch: $0.batch)] ?? [])
        }
        waits = WaitEntry.of(rollout)
        conflicts = planned.conflicts.map { ConflictEntry($0) }
        hazards = planned.diagnostics.map { HazardEntry($0) }
        func count(_ action: StepAction) -> Int {
            rollout.steps.count { $0.change.action == action }
        }
        summary = Summary(
            steps: rollout.steps.count, create: count(.create), update: count(.update),
            delete: count(.delete), label: count(.label), restart: count(.restart),
            conflicts: planned.conflicts.count)
    }
}
