import Diagnostics
import MeshCluster
import MeshModel
import MeshPlanning

/// The mesh as it is, and as a plan would leave it after each stage.
struct StageOutlook {
    struct Reached {
        var stage: Stage
        /// nil where the plan through this stage is blocked.
        var state: MeshState?
        var diagnostics: [Diagnostic]
        /// The plan's own steps up to and including this stage.
        var rollout: Rollout
    }

    var state: MeshState
    /// `metadata.name` of the plan file.
    var plan: String?
    /// nil without a plan file.
    var stages: [Reached]?

    init(_ observation: Observation, plan file: PlanFileSource?) {
        state = observation.state
        guard let file else { return }
        plan = file.plan.name
        stages = Stage.allCases.map { stage in
            let planned = BoundPlanner(
                file: file, options: RolloutPlanner.Options(through: stage)
            ).plan(on: observation)
            return Reached(
                stage: stage,
                state: planned.isBlocked
                    ? nil : observation.state.applying(planned.rollout.steps.map(\.change)),
                diagnostics: planned.diagnostics, rollout: planned.rollout)
        }
    }
}
