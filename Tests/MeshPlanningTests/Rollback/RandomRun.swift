import MeshModel
import MeshPlanning
import TestSupport

/// A random plan on a random cluster, run up to a random point.
struct RandomRun {
    var model: ModelRun
    /// The cluster without the run: as it was, with what others did and the run found done.
    var before: MeshState

    /// nil where the plan is blocked or has nothing to do.
    init?(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let mesh = PropertyMesh(seed: seed)
        let plan = planned(mesh.plan, on: mesh.state)
        guard !plan.isBlocked, !plan.rollout.steps.isEmpty else { return nil }
        let rollout = plan.rollout
        // One in three gets to its end.
        let last = rollout.batches.count + (random.oneIn(3) ? 1 : 0)
        let stop = random.oneIn(3) ? .max : Int.random(in: 1...last, using: &random)
        var outcomes: [StepID: ModelRun.Outcome] = [:]
        var seen: Set<ObjectReference> = []
        var foundDone: [Change] = []
        for step in rollout.steps {
            let isFirst = seen.insert(step.change.object).inserted
            if step.batch >= stop {
                outcomes[step.id] =
                    step.batch == stop ? Self.lastOutcome(&random) : .pending
            } else if isFirst, step.change.isPolicy, random.oneIn(8) {
                outcomes[step.id] = .foundDone
                foundDone.append(step.change)
            }
        }
        model = ModelRun(rollout, on: mesh.state) { outcomes[$0.id] ?? .done }
        before = mesh.state.applying(foundDone)
    }

    private static func lastOutcome(_ random: inout SeededGenerator) -> ModelRun.Outcome {
        random.pick([
            .done, .written, .inDoubt(isWritten: true), .inDoubt(isWritten: false), .refused,
            .pending,
        ])
    }
}

extension Change {
    var isPolicy: Bool { if case .policy = self { true } else { false } }
}
