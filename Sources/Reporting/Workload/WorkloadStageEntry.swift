package import Diagnostics
package import MeshModel

/// What a plan makes of a workload, once a stage is reached.
package struct WorkloadStageEntry: Encodable, Sendable, Hashable {
    package var stage: String
    /// Whether the plan is blocked, so that the stage will not be reached.
    package var blocked: Bool
    /// As of the whole workload; null where the plan is blocked before its steps are known.
    @OrNull package var mode: String?
    package var pods: [PodGroupEntry]
    /// The codes of the errors that block the plan.
    package var blockedBy: [String]

    /// - Parameter diagnostics: those of the plan, which may be blocked for what it would lead to.
    package init(
        _ stage: Stage, reached report: WorkloadExplanationReport,
        blockedBy diagnostics: [Diagnostic]
    ) {
        self.stage = stage.rawValue
        blockedBy = diagnostics.blockingCodes
        blocked = !blockedBy.isEmpty
        _mode = OrNull(wrappedValue: report.mode)
        pods = report.pods
    }

    /// Of a plan that is blocked before its steps are known.
    package init(_ stage: Stage, blockedBy diagnostics: [Diagnostic]) {
        self.stage = stage.rawValue
        blocked = true
        _mode = OrNull(wrappedValue: nil)
        pods = []
        blockedBy = diagnostics.blockingCodes
    }
}
