package import Diagnostics
package import MeshModel

/// What a plan makes of a workload, once a stage is reached.
package struct WorkloadStageEntry: Encodable, Sendable, Hashable {
    package var stage: String
    /// Whether the plan is blocked: then nothing is known of the stage.
    package var blocked: Bool
    /// As of the whole workload; null where the plan is blocked.
    @OrNull package var mode: String?
    package var pods: [PodGroupEntry]
    /// The codes of the errors that block the plan.
    package var blockedBy: [String]

    package init(_ stage: Stage, reached report: WorkloadExplanationReport) {
        self.stage = stage.rawValue
        blocked = false
        _mode = OrNull(wrappedValue: report.mode)
        pods = report.pods
        blockedBy = []
    }

    package init(_ stage: Stage, blockedBy diagnostics: [Diagnostic]) {
        self.stage = stage.rawValue
        blocked = true
        _mode = OrNull(wrappedValue: nil)
        pods = []
        blockedBy = diagnostics.blockingCodes
    }
}
