import Diagnostics
import MeshModel
import TestSupport
import Testing

@testable import MeshPlanning

@Suite("A rollback that keeps what is carried now")
struct GuardedRollbackTests {
    static let seeds = 0..<600

    /// A random run that got somewhere, on a mesh with flows, none of which the plan broke.
    private func run(_ seed: Int) -> (FlowMesh, ModelRun)? {
        let mesh = FlowMesh(seed: seed)
        let plan = RolloutPlanner.plan(mesh.plan, on: mesh.state)
        guard !plan.isBlocked, !plan.rollout.steps.isEmpty else { return nil }
        var random = SeededGenerator(seed: seed)
        let stop = Int.random(in: 1...plan.rollout.batches.count, using: &random)
        return (
            mesh,
            ModelRun(plan.rollout, on: mesh.state) { $0.batch <= stop ? .done : .pending }
        )
    }

    private func back(_ model: ModelRun, _ flows: [Flow]) -> PlannedRollback {
        RollbackPlanner.plan(
            undoing: model.run, rollbacks: [], on: model.state, flows: flows,
            options: RollbackPlanner.Options())
    }

    @Test("some rollbacks leave a step out for a flow, and many leave none")
    func notVacuous() {
        var (left, whole) = (0, 0)
        for seed in Self.seeds {
            guard let (mesh, model) = run(seed) else { continue }
            let planned = back(model, mesh.flows)
            let isLeft = planned.diagnostics.contains { $0.code == .flowWouldBreak }
            if isLeft { left += 1 } else if !planned.rollout.steps.isEmpty { whole += 1 }
        }
        #expect(left > 20)
        #expect(whole > 100)
    }

    @Test(
        "after the relaxing, no prefix and no mixture inside a step breaks a flow that is carried",
        arguments: seeds)
    func kept(seed: Int) {
        guard let (mesh, model) = run(seed) else { return }
        let planned = back(model, mesh.flows)
        var random = SeededGenerator(seed: seed)
        var state = model.state.sorted
        var required: Set<NaiveFlows.Pair> = []
        for batch in planned.rollout.batches {
            let next = state.applying(batch.map(\.change))
            if batch[0].phase != .relax, required.isEmpty {
                required = Set(
                    NaiveFlows.delivered(
                        mesh.flows, pods: state.pods, in: state, client: state, server: state
                    ).filter(\.value.isDelivered).keys
                ).intersection(deliveredAtFirst(mesh, model))
            }
            for _ in 0..<4 where batch[0].phase != .relax {
                let pods = zip(state.pods, next.pods).map { random.oneIn(2) ? $0 : $1 }
                let now = NaiveFlows.delivered(
                    mesh.flows, pods: pods, in: state,
                    client: state.applying(batch.map(\.change).filter { _ in random.oneIn(2) }),
                    server: state.applying(batch.map(\.change).filter { _ in random.oneIn(2) }))
                #expect(required.filter { now[$0]?.isDelivered == false } == [])
            }
            state = next
        }
    }

    private func deliveredAtFirst(
        _ mesh: FlowMesh, _ model: ModelRun
    ) -> Set<NaiveFlows.Pair> {
        let state = model.state.sorted
        return Set(
            NaiveFlows.delivered(
                mesh.flows, pods: state.pods, in: state, client: state, server: state
            ).filter(\.value.isDelivered).keys)
    }

    @Test("what is not carried in the way of a flow is restored exactly as without flows")
    func nothingElse() {
        for seed in Self.seeds {
            guard let (mesh, model) = run(seed) else { continue }
            let planned = back(model, mesh.flows)
            guard planned.diagnostics.allSatisfy({ $0.code != .flowWouldBreak }) else { continue }
            #expect(
                planned.rollout.steps.map(\.change).filter { !$0.isOfPin }
                    == back(model, []).rollout.steps.map(\.change))
        }
    }

    @Test(
        "a STRICT of before is left relaxed where a client would be cut off, and the message says so"
    )
    func leftRelaxed() throws {
        let before = mesh(
            namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
            service("shop/cart", ["app": "cart"]),
            policy("shop/default", .strict, labels: madeBy(plan: "home")))
        let rollout = planned(plan(entry("shop", mtls: .permissive)), on: before).rollout
        let model = ModelRun(rollout, on: before) { _ in .done }
        let planned = back(model, [flow("external", "shop/service/cart:80")])
        #expect(planned.rollout.steps == [])
        #expect(
            planned.leftAlone == [
                ObjectReference(kind: "PeerAuthentication", namespace: "shop", name: "default")
            ])
        let diagnostic = try #require(planned.diagnostics.first)
        #expect(diagnostic.severity == .warning)
        #expect(diagnostic.message == "external->shop/service/cart:80 would be refused")
        #expect(diagnostic.detail.hasPrefix("So PeerAuthentication shop/default stays as it is"))
    }
}
