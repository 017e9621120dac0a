import Diagnostics
package import MeshModel
package import MeshPlanning

/// `meshctl plan`: the rollout, what it changes in effect, and what has to be said about it.
package struct RolloutReport: Report {
    package let formatVersion = "1.0"
    package let kind = "Rollout"
    /// `metadata.name` of the plan file.
    package var plan: String
    package var server: String
    /// The last stage that was planned for.
    package var through: String
    /// The waves that the plan is limited to, `-` for the namespaces without one; null for no limit.
    @OrNull package var waves: [String]?
    package var blocked: Bool
    package var steps: [StepEntry]
    package var waits: [WaitEntry]
    /// What a person is asked on the way.
    package var approvals: [ApprovalEntry]
    package var effectiveChanges: [EffectiveChangeEntry]
    package var hazards: [HazardEntry]
    package var summary: Summary

    package struct Summary: Encodable, Sendable, Hashable {
        package var steps: Int
        package var stages: Int
        package var create: Int
        package var update: Int
        package var delete: Int
        package var label: Int
        package var restart: Int
        /// Namespaces that a step writes to or in.
        package var namespaces: Int
        package var effectiveChanges: Int
        package var errors: Int
        package var warnings: Int
        package var notes: Int
    }

    /// - Parameters:
    ///   - plan: `metadata.name` of the plan file.
    ///   - server: the API server as the kubeconfig names it, or the manifests' path.
    ///   - through: the last stage that was planned for.
    ///   - waves: those that the plan is limited to; empty for no limit.
    package init(
        _ planned: PlannedRollout, plan: String, server: String, through: Stage,
        waves: [String] = []
    ) {
        let rollout = planned.rollout
        self.plan = plan
        self.server = server
        self.through = through.rawValue
        _waves = OrNull(wrappedValue: waves.isEmpty ? nil : waves)
        blocked = planned.isBlocked
        let gates = rollout.gatesByRound
        steps = rollout.steps.map {
            StepEntry($0, gates: gates[GateRound(.before, batch: $0.batch)] ?? [])
        }
        waits = WaitEntry.of(rollout)
        approvals = ApprovalEntry.all(of: rollout)
        effectiveChanges = planned.effectiveChanges.map { EffectiveChangeEntry($0) }
        hazards = planned.diagnostics.map { HazardEntry($0) }
        func count(_ action: StepAction) -> Int {
            rollout.steps.count { $0.change.action == action }
        }
        summary = Summary(
            steps: rollout.steps.count, stages: Set(rollout.steps.map(\.phase)).count,
            create: count(.create), update: count(.update), delete: count(.delete),
            label: count(.label), restart: count(.restart),
            namespaces: Set(rollout.steps.map(\.change.namespace)).count,
            effectiveChanges: planned.effectiveChanges.count,
            errors: planned.diagnostics.count { $0.severity == .error },
            warnings: planned.diagnostics.count { $0.severity == .warning },
            notes: planned.diagnostics.count { $0.severity == .note })
    }
}
