import Diagnostics
import MeshCluster
import MeshModel
import MeshPlanning

/// The mesh as it is, and as a plan would leave it after each stage.
struct StageOutlook {
    struct Reached {
        var stage: Stage
        /// As the plan would leave it; nil where it is blocked before all its steps are known.
        var state: MeshState?
        /// What is said of the plan through this stage; with an error among it the plan is blocked.
        var diagnostics: [Diagnostic]
    }

    /// Errors that are about a rollout with all its steps: what these would lead to can be told.
    private static let ofCompleteRollouts: Set<DiagnosticCode> = [
        .flowWouldBreak, .flowExpectedRefused, .flowNotCarried, .meshFlipNotCovered,
        .enrolmentInheritsStrict,
    ]

    var state: MeshState
    /// `metadata.name` of the plan file.
    var plan: String?
    /// nil without a plan file.
    var stages: [Reached]?

    init(
        _ observation: Observation, observed: [ObservedFlow], plan file: PlanFileSource?
    ) {
        state = observation.state
        guard let file else { return }
        plan = file.plan.name
        stages = Stage.allCases.map { stage in
            let planned = BoundPlanner(
                file: file, options: RolloutPlanner.Options(through: stage)
            ).plan(on: observation, observed: observed)
            let isComplete = planned.diagnostics.allSatisfy {
                $0.severity != .error || Self.ofCompleteRollouts.contains($0.code)
            }
            return Reached(
                stage: stage,
                state: isComplete
                    ? observation.state.applying(planned.rollout.steps.map(\.change)) : nil,
                diagnostics: planned.diagnostics)
        }
    }
}
