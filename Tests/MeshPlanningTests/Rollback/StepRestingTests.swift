import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollback that goes on past a step that fails")
struct StepRestingTests {
    /// The steps that are written when the first one is refused.
    private func written(_ steps: [(Phase, Change)]) -> [Int] {
        let steps = steps.enumerated().map { index, step in
            Step(
                id: StepID(index + 1), phase: step.0, batch: index + 1, settles: false,
                change: step.1)
        }
        let rollout = Rollout(steps: steps)
        var run = RunSimulation(rollout, on: cluster(for: rollout))
        run.policy = .goOn
        run.faults = [StepID(1): [.refused]]
        #expect(run.runProcess() == .finished(.incomplete))
        return steps.map(\.id).filter { run.state?.isDone($0) ?? false }.map(\.number)
    }

    @Test("begins no phase while the one before is not done")
    func phases() {
        let done = written([
            (.relax, policyChange("shop/default", .strict, .permissive)),
            (
                .restore,
                labelChange("other", ["istio-injection": nil], ["istio-injection": "enabled"])
            ),
            (.remove, policyChange("shop/meshctl-web", .permissive, nil)),
            (.retighten, policyChange("other/default", .permissive, .strict)),
        ])
        #expect(done == [])
    }

    @Test(
        "takes no plane from a namespace that did not get its old one back, and goes on elsewhere")
    func namespaces() {
        let done = written([
            (
                .restore,
                labelChange("shop", ["istio-injection": nil], ["istio-injection": "enabled"])
            ),
            (.restore, restartChange("shop", "web")),
            (
                .restore,
                labelChange("other", ["istio-injection": nil], ["istio-injection": "enabled"])
            ),
            (.restore, restartChange("other", "web")),
            (.retighten, policyChange("other/default", .permissive, .strict)),
        ])
        #expect(done == [3, 4])
    }

    @Test("tightens no scope while an exception to it is missing")
    func tightening() {
        let done = written([
            (.retighten, policyChange("shop/meshctl-web", nil, .permissive)),
            (.retighten, policyChange("shop/default", .permissive, .strict)),
        ])
        #expect(done == [])
    }

    @Test("brings back whatever else it can of the same batch")
    func sameBatch() {
        let rollout = Rollout(
            steps: (1...3).map {
                Step(
                    id: StepID($0), phase: .relax, batch: 1,
                    change: policyChange("shop/p\($0)", .strict, .permissive))
            })
        var run = RunSimulation(rollout, on: cluster(for: rollout))
        run.policy = .goOn
        run.faults = [StepID(1): [.refused]]
        #expect(run.runProcess() == .finished(.incomplete))
        #expect(run.state?.isDone(StepID(2)) == true)
        #expect(run.state?.isDone(StepID(3)) == true)
    }
}
