import MeshCluster
import MeshModel
import MeshPlanning

/// A plan file with the options to plan it with: what `plan`, `apply` and a saved plan have in common.
struct BoundPlanner {
    var file: PlanFileSource
    var options: RolloutPlanner.Options
    /// Texts of flows that `--ignore-flow` dismisses.
    var ignoring: [String] = []

    /// The waves that it is limited to; nil without a limit.
    var limit: [String]? { options.waves.isEmpty ? nil : options.waves }

    /// The rollout on what was observed; what could not be judged while observing belongs to it.
    ///
    /// - Parameter observed: the flows that the state file keeps of this cluster.
    func plan(on observation: Observation, observed: [ObservedFlow]) -> PlannedRollout {
        let catalogue = catalogue(observation.state, observed)
        var planned = RolloutPlanner.plan(
            file.plan, on: observation.state, flows: catalogue.flows,
            dismissed: catalogue.ignored.map(\.flow), options: options)
        planned.diagnostics =
            observation.diagnostics + catalogue.diagnostics + planned.diagnostics
        return planned
    }

    /// Who counts on what in a state that was read later.
    func flows(in state: MeshState, observed: [ObservedFlow]) -> [Flow] {
        catalogue(state, observed).flows
    }

    private func catalogue(_ state: MeshState, _ observed: [ObservedFlow]) -> FlowCatalogue {
        FlowCatalogue(plan: file.plan, state: state, observed: observed, ignoring: ignoring)
    }
}
