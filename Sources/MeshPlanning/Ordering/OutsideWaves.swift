import MeshModel

/// What a rollout that is limited to some waves needs from outside: flows that it would break alone, and
/// that an order with the steps of further waves keeps.
struct OutsideWaves: Equatable {
    let chosen: [String]
    /// The breaks that need not be.
    let breaks: [FlowBreak]
    /// The fewest further waves that keep those flows, in the plan's order: without any one of them it is
    /// not so.
    let needed: [String]
    /// All waves are needed, and only for the mesh-wide steps that come with them.
    let needsMesh: Bool

    /// nil where nothing outside helps.
    ///
    /// - Parameters:
    ///   - breaks: of required flows, by the limited rollout.
    ///   - chosen: the waves that it is limited to.
    ///   - breaksOf: of required flows, by the rollout within this limit.
    init?(
        _ breaks: [FlowBreak], of chosen: [String], in plan: MeshPlan,
        breaksOf: (WaveLimit) -> [FlowBreak]
    ) {
        guard !breaks.isEmpty else { return nil }
        let anyway = Set(breaksOf(.everything).map(\.flow))
        self.breaks = breaks.filter { !anyway.contains($0.flow) }
        guard !self.breaks.isEmpty else { return nil }
        func areEnough(_ limit: WaveLimit) -> Bool {
            breaksOf(limit).allSatisfy { anyway.contains($0.flow) }
        }
        let others = plan.usedWaves.filter { !chosen.contains($0) }
        var needed = others
        // The later a wave runs, the less is built on it.
        for wave in others.reversed() {
            let fewer = needed.filter { $0 != wave }
            if areEnough(WaveLimit(chosen + fewer, of: plan)) { needed = fewer }
        }
        self.chosen = chosen
        self.needed = needed
        needsMesh = needed == others && !areEnough(.allWaves(of: plan))
    }

    /// What the limited rollout lacks: `wave payments`.
    var words: String {
        needsMesh ? "the mesh-wide steps, which need all waves" : WaveLimit.words(needed)
    }

    /// `--wave canary --wave payments`
    var options: String { (chosen + needed).map { "--wave \($0)" }.joined(separator: " ") }
}
