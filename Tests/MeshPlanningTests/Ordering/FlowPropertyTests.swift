import Diagnostics
import MeshModel
import TestSupport
import Testing

@testable import MeshPlanning

/// Each seed is a random cluster with a plan and flows.
@Suite("Of any plan with flows")
struct FlowPropertyTests {
    static let seeds = 0..<600

    private func result(_ mesh: FlowMesh) -> PlannedRollout {
        RolloutPlanner.plan(mesh.plan, on: mesh.state, flows: mesh.flows)
    }

    @Test("some are kept whole, some are blocked, and some need another order than the usual one")
    func notVacuous() {
        var (kept, blocked, reordered) = (0, 0, 0)
        for seed in Self.seeds {
            let mesh = FlowMesh(seed: seed)
            let found = result(mesh)
            let carried = NaiveFlows.delivered(
                mesh.flows, pods: mesh.state.pods, in: mesh.state, client: mesh.state,
                server: mesh.state
            ).values.contains(where: \.isDelivered)
            if found.codes.contains(.flowWouldBreak) { blocked += 1 }
            guard !found.isBlocked, carried, found.rollout.steps.count > 1 else { continue }
            kept += 1
            let usual = RolloutPlanner.plan(mesh.plan, on: mesh.state)
            if usual.rollout.steps.map(\.change) != found.rollout.steps.map(\.change) {
                reordered += 1
            }
        }
        #expect(kept > 60)
        #expect(blocked > 60)
        #expect(reordered > 0)
    }

    @Test(
        "no prefix and no mixture inside a step breaks a flow that is carried at first",
        arguments: seeds)
    func kept(seed: Int) {
        let mesh = FlowMesh(seed: seed)
        let found = result(mesh)
        guard !found.isBlocked else { return }
        expectFlowsKept(by: found.rollout, on: mesh, seed: seed)
    }

    @Test(
        "limited to waves, it keeps them just so",
        arguments: 0..<200, [["one"], ["two"], ["-"], ["one", "-"]])
    func keptInWaves(seed: Int, waves: [String]) {
        let mesh = FlowMesh(seed: seed)
        let found = RolloutPlanner.plan(
            mesh.plan, on: mesh.state, flows: mesh.flows, options: .init(waves: waves))
        guard !found.isBlocked else { return }
        expectFlowsKept(by: found.rollout, on: mesh, seed: seed)
    }

    @Test("some waves can go alone, some need others, and some could not with any others either")
    func wavesNotVacuous() {
        var (alone, needing, hopeless) = (0, 0, 0)
        for seed in 0..<300 {
            let mesh = FlowMesh(seed: seed)
            let found = RolloutPlanner.plan(
                mesh.plan, on: mesh.state, flows: mesh.flows, options: .init(waves: ["one"]))
            if found.codes.contains(.waveNeedsOthers) { needing += 1 }
            if found.codes.contains(.flowWouldBreak) { hopeless += 1 }
            let isWhole =
                found.rollout.steps.count
                == RolloutPlanner.plan(mesh.plan, on: mesh.state, flows: mesh.flows).rollout.steps
                .count
            if !found.isBlocked, !found.rollout.steps.isEmpty, !isWhole { alone += 1 }
        }
        #expect(alone > 20)
        #expect(needing > 5)
        #expect(hopeless > 10)
    }

    @Test(
        "the waves that a limited one is said to need keep its flows, and all of them are needed",
        arguments: 0..<300)
    func neededWaves(seed: Int) throws {
        let mesh = FlowMesh(seed: seed)
        func lost(_ waves: [String]) -> Set<String> {
            let found = RolloutPlanner.plan(
                mesh.plan, on: mesh.state, flows: mesh.flows, options: .init(waves: waves))
            let breaks = found.diagnostics.filter {
                [.waveNeedsOthers, .flowWouldBreak].contains($0.code) && $0.severity == .error
            }
            let texts = mesh.flows.map(\.text)
            return Set(
                breaks.flatMap { told in
                    texts.filter { told.message.contains($0) || told.detail.contains($0) }
                })
        }
        let found = RolloutPlanner.plan(
            mesh.plan, on: mesh.state, flows: mesh.flows, options: .init(waves: ["one"]))
        guard let told = found.diagnostics.first(where: { $0.code == .waveNeedsOthers }) else {
            return
        }
        let anyway = lost([])
        let waves = try #require(told.remedy).split(separator: " ").map(String.init)
            .filter { $0 != "--wave" }
        #expect(waves.first == "one" && waves.count > 1)
        #expect(lost(waves).isSubset(of: anyway))
        for wave in waves.dropFirst() {
            #expect(!lost(waves.filter { $0 != wave }).isSubset(of: anyway))
        }
    }

    private func expectFlowsKept(by rollout: Rollout, on mesh: FlowMesh, seed: Int) {
        var random = SeededGenerator(seed: seed)
        var state = mesh.state.sorted
        let required = NaiveFlows.delivered(
            mesh.flows, pods: state.pods, in: state, client: state, server: state
        ).filter(\.value.isDelivered)
        for batch in rollout.batches {
            let next = state.applying(batch.map(\.change))
            for _ in 0..<5 {
                let pods = zip(state.pods, next.pods).map { random.oneIn(2) ? $0 : $1 }
                let now = NaiveFlows.delivered(
                    mesh.flows, pods: pods, in: state,
                    client: state.applying(batch.map(\.change).filter { _ in random.oneIn(2) }),
                    server: state.applying(batch.map(\.change).filter { _ in random.oneIn(2) }))
                let lost = required.keys.filter { now[$0]?.isDelivered == false }
                    .map { "\($0) in batch \(batch[0].batch): \(String(describing: now[$0]))" }
                #expect(lost == [])
            }
            state = next
        }
        let end = NaiveFlows.delivered(
            mesh.flows, pods: state.pods, in: state, client: state, server: state)
        #expect(required.keys.filter { end[$0]?.isDelivered != true } == [])
    }

    @Test(
        "where the search finds no order, no permutation of a segment's steps is one",
        arguments: seeds)
    func blockedForGood(seed: Int) {
        let mesh = FlowMesh(seed: seed)
        let state = mesh.state.sorted
        let suggested = suggestedOrder(mesh.plan, on: state)
        var guarantee = FlowGuarantee(mesh.flows, on: state)
        for segment in suggested.segments {
            let search = OrderSearch(
                PlacedSteps(batches: segment), keeping: guarantee, chainsAtOnce: 2)
            let steps = segment.flatMap(\.self)
            if steps.count <= 6 {
                let isPossible = PermutationSearch(steps, chainsAtOnce: 2).exists(from: guarantee)
                #expect(search.breaks.isEmpty == (isPossible || segmentIsSafe(segment, guarantee)))
            }
            for batch in search.order.batches { _ = guarantee.take(batch.map(\.step)) }
        }
    }

    private func segmentIsSafe(
        _ segment: [[PlacedSteps.Placed]], _ guarantee: FlowGuarantee
    ) -> Bool {
        var guarantee = guarantee
        return segment.allSatisfy { guarantee.take($0.map(\.step)).isEmpty }
    }

    private func suggestedOrder(_ plan: MeshPlan, on state: MeshState) -> PlacedSteps {
        let resolution = NamespaceResolution(plan, in: state)
        let enrolment = EnrolmentNeeds(resolution.namespaces, state: state)
        let policies = PolicyNeeds(
            plan, resolution.namespaces, enrolment: enrolment, state: state, prune: false)
        let traffic = TrafficNeeds(plan, resolution.namespaces, state: state, prune: false)
        return StepOrder(
            enrolment: enrolment.needs, policies: policies.needs, traffic: traffic.needs,
            rollout: plan.rollout
        ).order
    }

    @Test(
        "the same plan and flows give the same rollout, in whatever order they are listed",
        arguments: 0..<100)
    func deterministic(seed: Int) {
        let mesh = FlowMesh(seed: seed)
        var random = SeededGenerator(seed: seed)
        var shuffled = mesh.state
        shuffled.pods.shuffle(using: &random)
        shuffled.flows.services.shuffle(using: &random)
        let first = result(mesh)
        let second = RolloutPlanner.plan(mesh.plan, on: shuffled, flows: mesh.flows)
        #expect(first == second)
    }
}

/// All orders of a segment's steps that keep each chain's ranks, tried one after the other.
private struct PermutationSearch {
    let steps: [PlacedSteps.Placed]
    let chainsAtOnce: Int

    init(_ steps: [PlacedSteps.Placed], chainsAtOnce: Int) {
        self.steps = steps
        self.chainsAtOnce = chainsAtOnce
    }

    func exists(from guarantee: FlowGuarantee) -> Bool {
        orders(of: Array(steps.indices)).contains { order in
            var state = guarantee
            return keepsRanks(order) && keepsLimit(order)
                && order.allSatisfy { state.take([steps[$0].step]).isEmpty }
        }
    }

    private func keepsRanks(_ order: [Int]) -> Bool {
        order.indices.allSatisfy { later in
            order[..<later].allSatisfy { earlier in
                let (a, b) = (steps[earlier].place, steps[order[later]].place)
                return a.chain != b.chain || a.rank <= b.rank
            }
        }
    }

    private func keepsLimit(_ order: [Int]) -> Bool {
        order.indices.allSatisfy { position in
            let done = Set(order[...position].map { steps[$0].place.chain })
            let left = Set(order[(position + 1)...].map { steps[$0].place.chain })
            return done.intersection(left).count <= chainsAtOnce
        }
    }

    private func orders(of numbers: [Int]) -> [[Int]] {
        guard !numbers.isEmpty else { return [[]] }
        return numbers.flatMap { first in
            orders(of: numbers.filter { $0 != first }).map { [first] + $0 }
        }
    }
}
