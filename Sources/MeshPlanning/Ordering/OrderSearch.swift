import MeshModel

/// Finds an order of the steps that keeps every required flow.
///
/// The order that stages, waves and limits suggest is tried first. Where it breaks a flow, the steps of that
/// segment change places. Only namespaces whose steps meet through flows are searched together, and a flow
/// that no order of its own steps carries ends the search at once: that is a proof. Where several flows
/// pull in different directions, sets of done steps that led nowhere are not entered again.
/// Where no order helps because proxies hear of a mode at different times, clients are pinned meanwhile.
struct OrderSearch {
    /// In the order found; where there is none, as suggested.
    private(set) var order = PlacedSteps()
    /// What breaks in that order; of required flows only where no order is safe.
    private(set) var breaks: [FlowBreak] = []
    /// The search ended before all orders were tried.
    private(set) var gaveUp = false

    private let accepted: Set<String>
    /// Whose rules the pins are.
    let plan: String
    /// Steps of later stages that were taken before their time.
    var ahead: Set<Placed> = []
    /// Namespaces that may be in the middle of their enrolment at the same time.
    private let chainsAtOnce: Int

    /// Steps tried in one segment before the search gives up.
    private static let budget = 5000

    /// The flows as they are after the last step.
    var guarantee: FlowGuarantee

    /// The flows of which nothing is said yet: they do not break, and the declared ones work today.
    var untoldFlows: [Flow] {
        let told = Set(breaks.map(\.flow))
        return guarantee.flows.filter {
            !told.contains($0.flow) && ($0.flow.origin != .declared || !$0.pairs.isEmpty)
        }.map(\.flow)
    }

    /// Of what breaks, that which nobody accepted.
    var blockingBreaks: [FlowBreak] { breaks.filter { mustNotBreak($0.flow) } }

    typealias Placed = PlacedSteps.Placed

    /// - Parameters:
    ///   - accepted: texts of flows that may break.
    ///   - plan: the name of the plan.
    ///   - last: the last stage that is wanted. Steps of later ones may still be needed before it.
    init(
        _ suggested: PlacedSteps, keeping guarantee: FlowGuarantee, accepted: Set<String> = [],
        plan: String, chainsAtOnce: Int, through last: Stage = .strict
    ) {
        self.guarantee = guarantee
        self.accepted = accepted
        self.plan = plan
        self.chainsAtOnce = chainsAtOnce
        let segments = suggested.segments
        let wanted = segments.prefix { $0[0][0].step.phase <= Phase(last) }
        for (number, segment) in wanted.enumerated() {
            let left = segment.without(ahead)
            if !left.isEmpty { add(left, before: segments[(number + 1)...].flatMap(\.self)) }
        }
        let numbered = Dictionary(
            zip(order.batches.joined(), order.steps).map { ($0.step.change, $1) },
            uniquingKeysWith: { first, _ in first })
        for number in breaks.indices {
            breaks[number].step = numbered[breaks[number].step.change] ?? breaks[number].step
        }
    }

    private mutating func add(_ segment: [[Placed]], before later: [[Placed]]) {
        let before = guarantee
        let found = guarantee.take(inOrder: segment)
        let required = Set(found.keys.filter(isRequired))
        guard !required.isEmpty else { return keep(segment, found) }
        let after = guarantee
        guarantee = before
        let other =
            search(segment, mending: required)
            ?? preparing(segment, breaking: required, from: later)
        if let other { return keep(other, guarantee.take(inOrder: other)) }
        guarantee = after
        keep(segment, found)
    }

    private mutating func keep(_ batches: [[Placed]], _ found: [Int: FlowBreak]) {
        order.batches += batches
        breaks += found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether a break of the flow forbids an order.
    func isRequired(_ number: Int) -> Bool { mustNotBreak(guarantee.flows[number].flow) }

    private func mustNotBreak(_ flow: Flow) -> Bool {
        flow.isRequired && !accepted.contains(flow.text)
    }

    mutating func search(
        _ segment: [[Placed]], mending flows: Set<Int>
    ) -> [[Placed]]? {
        let steps = segment.flatMap(\.self)
        guard steps.count > 1 else { return nil }
        let affected = steps.map { Set(guarantee.affected(by: [$0.step])) }
        for flow in flows.sorted() {
            let own = Self.steps(steps, deciding: affected.map { $0.contains(flow) })
            guard find(own, following: [flow]) != nil else { return nil }
        }
        let chains = Self.chains(of: steps, affecting: affected, from: flows)
        let together = steps.filter { chains.contains($0.place.chain) }
        let concerned = zip(steps, affected).filter { chains.contains($0.0.place.chain) }
            .reduce(into: Set<Int>()) { $0.formUnion($1.1) }
        let required = concerned.filter(isRequired)
        guard let found = find(together, following: required) else { return nil }
        let rest = segment.map { batch in batch.filter { !chains.contains($0.place.chain) } }
        return found.map { [$0] } + rest.filter { !$0.isEmpty }
    }

    /// The steps that affect a flow, with those that come before them in their chains: what a restart
    /// gives rests on the labels.
    private static func steps(_ steps: [Placed], deciding affects: [Bool]) -> [Placed] {
        let last = Dictionary(
            zip(steps, affects).filter(\.1).map { ($0.0.place.chain, $0.0.place.rank) },
            uniquingKeysWith: max)
        return zip(steps, affects).filter { step, isAffecting in
            isAffecting || last[step.place.chain].map { step.place.rank < $0 } ?? false
        }.map(\.0)
    }

    /// The chains that meet these flows, and those that meet them through other flows.
    private static func chains(
        of steps: [Placed], affecting affected: [Set<Int>], from flows: Set<Int>
    ) -> Set<String> {
        var (flows, chains) = (flows, Set<String>())
        var flowsOfChain: [String: Set<Int>] = [:]
        for (step, numbers) in zip(steps, affected) {
            flowsOfChain[step.place.chain, default: []].formUnion(numbers)
        }
        while true {
            let met = flowsOfChain.filter {
                !chains.contains($0.key) && !$0.value.isDisjoint(with: flows)
            }
            if met.isEmpty { return chains }
            for (chain, numbers) in met {
                chains.insert(chain)
                flows.formUnion(numbers)
            }
        }
    }

    /// An order of these steps that breaks none of these flows; nil where there is none.
    private mutating func find(_ steps: [Placed], following flows: Set<Int>) -> [Placed]? {
        var walk = Walk(
            steps: steps.map(\.step), places: steps.map(\.place), chainsAtOnce: chainsAtOnce,
            budget: Self.budget)
        let found = walk.find(from: guarantee.following(flows), done: [])
        if found == nil, walk.budget == 0 { gaveUp = true }
        return found?.map { steps[$0] }
    }
}

extension Change {
    var isClientRule: Bool {
        guard case .traffic(let change) = self else { return false }
        return change.kind == .destinationRule && !isOfPin
    }
}

extension [[PlacedSteps.Placed]] {
    fileprivate func without(_ steps: Set<PlacedSteps.Placed>) -> Self {
        steps.isEmpty
            ? self : map { $0.filter { !steps.contains($0) } }.filter { !$0.isEmpty }
    }
}

extension FlowGuarantee {
    mutating func take(inOrder batches: [[PlacedSteps.Placed]]) -> [Int: FlowBreak] {
        batches.reduce(into: [:]) { breaks, batch in
            breaks.merge(take(batch.map(\.step))) { first, _ in first }
        }
    }
}

/// A walk through the orders of some steps, one step at a time.
private struct Walk {
    let steps: [Step]
    let places: [StepPlace]
    let chainsAtOnce: Int
    /// Steps that may still be tried.
    var budget: Int
    private var deadEnds: Set<Set<Int>> = []

    init(steps: [Step], places: [StepPlace], chainsAtOnce: Int, budget: Int) {
        self.steps = steps
        self.places = places
        self.chainsAtOnce = chainsAtOnce
        self.budget = budget
    }

    /// The rest of an order after the steps that are done; nil where there is none.
    mutating func find(from guarantee: FlowGuarantee, done: Set<Int>) -> [Int]? {
        if done.count == steps.count { return [] }
        guard !deadEnds.contains(done) else { return nil }
        for next in candidates(after: done) {
            guard budget > 0 else { return nil }
            budget -= 1
            var state = guarantee
            guard state.take([steps[next]]).isEmpty else { continue }
            if let rest = find(from: state, done: done.union([next])) { return [next] + rest }
        }
        deadEnds.insert(done)
        return nil
    }

    /// The steps whose turn it may be: the lower ranks of their chain are done, and not more chains are
    /// left half done than may be.
    private func candidates(after done: Set<Int>) -> [Int] {
        let left = steps.indices.filter { !done.contains($0) }
        let counts = Dictionary(left.map { (places[$0].chain, 1) }, uniquingKeysWith: +)
        let lowest = Dictionary(
            left.map { (places[$0].chain, places[$0].rank) }, uniquingKeysWith: min)
        let begun = Set(done.map { places[$0].chain }).intersection(lowest.keys)
        return left.filter { number in
            let place = places[number]
            let isLast = counts[place.chain] == 1
            return place.rank == lowest[place.chain]
                && (begun.contains(place.chain) || isLast || begun.count < chainsAtOnce)
        }
    }
}
