import Diagnostics
import MeshModel
import TestSupport
import Testing

@testable import MeshPlanning

@Suite("The way back from a run that pinned clients")
struct ClientPinRollbackTests {
    private static let injected = ["istio-injection": "enabled"]
    private let ours = madeBy(plan: "home")
    private let flows = [flow("a/deployment/web", "b/service/db:80")]

    private func state(_ mode: MTLSMode) -> MeshState {
        mesh(
            namespace("a", labels: Self.injected), namespace("b", labels: Self.injected),
            deployment("a/web", labels: ["app": "web"], plane: .sidecar),
            deployment("b/db", labels: ["app": "db"], plane: .sidecar),
            service("b/db", ["app": "db"]), policy("b/default", mode, labels: ours))
    }

    /// A run from one mode to another that got so far.
    private func run(_ from: MTLSMode, to mode: MTLSMode, steps: Int) -> ModelRun {
        let state = state(from)
        let found = RolloutPlanner.plan(plan(entry("b", mtls: mode)), on: state, flows: flows)
        #expect(found.rollout.steps.count { $0.change.isOfPin } == 2)
        return ModelRun(found.rollout, on: state) { $0.id.number <= steps ? .done : .pending }
    }

    private func back(
        _ run: ModelRun, after rollbacks: [ModelRun] = [], on state: MeshState? = nil
    ) -> PlannedRollback {
        RollbackPlanner.plan(
            undoing: run.run, rollbacks: rollbacks.map(\.run), on: state ?? run.state, flows: flows,
            options: .init())
    }

    private func what(_ planned: PlannedRollback) -> [String] {
        planned.rollout.steps.map {
            "\($0.phase.rawValue) \($0.change.action.rawValue) \($0.change.object.name)"
        }
    }

    private static let tightening = [
        "retighten create meshctl-pin-db", "retighten update default",
        "retighten delete meshctl-pin-db",
    ]

    @Test("DISABLE comes back with the clients pinned meanwhile, and all is as it was")
    func whole() {
        let before = state(.disable)
        let run = run(.disable, to: .strict, steps: 99)
        let planned = back(run)
        #expect(what(planned) == ["relax update default"] + Self.tightening)
        #expect(planned.leftAlone == [])
        #expect(run.state.applying(planned).images == before.images)
        #expect(run.state.applying(planned).trafficImages == before.trafficImages)
    }

    @Test("from in between, the pin of the run goes, and the mode goes back under a pin of its own")
    func between() {
        let before = state(.disable)
        let pinned = run(.disable, to: .permissive, steps: 1)
        #expect(what(back(pinned)) == ["remove delete meshctl-pin-db"])
        let changed = run(.disable, to: .permissive, steps: 2)
        #expect(what(back(changed)) == ["remove delete meshctl-pin-db"] + Self.tightening)
        for run in [pinned, changed] {
            let end = run.state.applying(back(run))
            #expect(end.images == before.images)
            #expect(end.trafficImages == before.trafficImages)
        }
    }

    @Test("a rollback that was killed while it pinned is finished by the next one")
    func killed() {
        // The run itself made no pin: its client had no sidecar yet.
        let before = state(.disable)
        let plain = RolloutPlanner.plan(plan(entry("b", mtls: .permissive)), on: before)
        let run = ModelRun(plain.rollout, on: before)
        let planned = back(run)
        #expect(what(planned) == Self.tightening)
        for steps in 1...2 {
            let first = ModelRun(
                planned.rollout, on: run.state, id: "back-1", undoing: run.run.header.id,
                ending: nil
            ) { $0.id.number <= steps ? .done : .pending }
            let second = back(run, after: [first], on: first.state)
            #expect(what(second).first == "remove delete meshctl-pin-db")
            let end = first.state.applying(second)
            #expect(end.images == before.images)
            #expect(end.trafficImages == [:])
        }
    }

    @Test("from DISABLE, clients that are still pinned keep their flow through the relaxing")
    func fromDisable() {
        let run = run(.permissive, to: .disable, steps: 2)
        let planned = back(run)
        #expect(what(planned) == ["relax update default", "remove delete meshctl-pin-db"])
        #expect(planned.diagnostics == [])
    }

    @Test(
        "a pin that an earlier run left is not brought back, whether or not the next one removed it"
    )
    func leftBefore() {
        let crashed = run(.disable, to: .permissive, steps: 2)
        let next = RolloutPlanner.plan(
            plan(entry("b", mtls: .permissive)), on: crashed.state, flows: flows)
        for outcome in [ModelRun.Outcome.done, .inDoubt(isWritten: false)] {
            let run = ModelRun(next.rollout, on: crashed.state) { _ in outcome }
            let planned = back(run)
            #expect(planned.conflicts == [])
            #expect(run.state.applying(planned).trafficImages == [:])
        }
    }
}
