import Diagnostics
import JSON
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
        var (kept, blocked, reordered, pinned) = (0, 0, 0, 0)
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
            let (before, after) = (usual.steps, found.steps)
            if before.filter({ !$0.isOfPin }) != after.filter({ !$0.isOfPin }) { reordered += 1 }
            if after.count > before.count { pinned += 1 }
        }
        #expect(kept > 60)
        #expect(blocked > 60)
        #expect(reordered > 0)
        #expect(pinned > 0)
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
        #expect(needing > 2)
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

    @Test("no pin outlives its rollout, and nothing is left to plan", arguments: seeds)
    func reached(seed: Int) {
        let mesh = FlowMesh(seed: seed)
        let found = result(mesh)
        guard !found.isBlocked else { return }
        let state = mesh.state.applying(found.steps)
        #expect(state.flows.destinationRules.filter { $0.meta.labels[LabelKeys.pin] != nil } == [])
        let again = RolloutPlanner.plan(mesh.plan, on: state, flows: mesh.flows)
        #expect(again.lines == [])
    }

    @Test(
        "where the search finds no order, no permutation of a segment's steps is one, whoever is pinned",
        arguments: seeds)
    func blockedForGood(seed: Int) {
        let mesh = FlowMesh(seed: seed)
        let state = mesh.state.sorted
        let suggested = suggestedOrder(mesh.plan, on: state)
        var guarantee = FlowGuarantee(mesh.flows, on: state)
        for segment in suggested.segments {
            let search = OrderSearch(
                PlacedSteps(batches: segment), keeping: guarantee, plan: "home", chainsAtOnce: 2)
            let steps = segment.flatMap(\.self)
            if steps.count <= 6 {
                let permutations = PermutationSearch(steps, chainsAtOnce: 2)
                let isPossible =
                    segmentIsSafe(segment, guarantee) || permutations.exists(from: guarantee)
                    || permutations.exists(from: guarantee, pinning: mesh.flows)
                #expect(search.breaks.isEmpty == isPossible)
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
        exists(from: guarantee, then: [])
    }

    /// With clients pinned before the steps and free again after them: those of each selection of the
    /// Services that flows go to, and that nobody's rule speaks of.
    func exists(from guarantee: FlowGuarantee, pinning flows: [Flow]) -> Bool {
        let pins = Set(flows.compactMap(\.server.pin)).filter { pin in
            [pin.namespace, PropertyMesh.root].flatMap { guarantee.world.rules(in: $0) }
                .allSatisfy { !$0.covers(pin.after?.spec["host"]?.string ?? "") }
        }.sorted { $0.object < $1.object }
        return (0..<(1 << pins.count)).contains { mask in
            let chosen = pins.indices.filter { mask & (1 << $0) != 0 }.map { pins[$0] }
            var state = guarantee
            return !chosen.isEmpty && state.take(chosen.map { step($0) }).isEmpty
                && exists(from: state, then: chosen.map { step($0.inverted) })
        }
    }

    private func exists(from guarantee: FlowGuarantee, then last: [Step]) -> Bool {
        orders(of: Array(steps.indices)).contains { order in
            var state = guarantee
            return keepsRanks(order) && keepsLimit(order)
                && order.allSatisfy { state.take([steps[$0].step]).isEmpty }
                && (last.isEmpty || state.take(last).isEmpty)
        }
    }

    private func step(_ change: TrafficChange) -> Step {
        Step(id: StepID(0), phase: steps[0].step.phase, batch: 0, change: .traffic(change))
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

extension Flow.Server {
    /// A rule that has a Service's clients send plaintext. In a `FlowMesh` it has its workload's name.
    fileprivate var pin: TrafficChange? {
        let namespace, name: String
        switch self {
        case .service(let space, let service, _): (namespace, name) = (space, service)
        case .workload(let id, _): (namespace, name) = (id.namespace, id.name)
        case .pod, .host: return nil
        }
        return TrafficChange(
            .destinationRule, namespace: namespace, name: "pin-of-\(name)", uid: "", before: nil,
            after: PolicyImage(
                labels: [:],
                spec: [
                    "host": .string("\(name).\(namespace).svc.cluster.local"),
                    "trafficPolicy": ["tls": ["mode": "DISABLE"]],
                ]))
    }
}

extension TrafficChange {
    fileprivate var inverted: TrafficChange {
        var inverted = self
        swap(&inverted.before, &inverted.after)
        return inverted
    }
}

extension PlannedRollout {
    fileprivate var steps: [Change] { rollout.steps.map(\.change) }
}
