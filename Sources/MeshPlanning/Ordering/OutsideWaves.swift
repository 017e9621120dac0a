import MeshModel

/// What a rollout that is limited to some waves needs from outside: flows that it would break alone, and
/// that an order with the steps of further waves keeps.
struct OutsideWaves {
    /// The breaks that need not be.
    let breaks: [FlowBreak]
    /// The fewest further waves that keep those flows, in the plan's order: without any one of them it is
    /// not so.
    let needed: [String]

    /// nil where nothing outside helps.
    ///
    /// - Parameters:
    ///   - breaks: of required flows, by the limited rollout.
    ///   - chosen: the waves that it is limited to.
    ///   - breaksOf: of required flows, by the rollout that is limited to these waves.
    init?(
        _ breaks: [FlowBreak], of chosen: [String], in plan: MeshPlan,
        breaksOf: ([String]) -> [FlowBreak]
    ) {
        guard !breaks.isEmpty else { return nil }
        let all = plan.usedWaves
        let anyway = Set(breaksOf(all).map(\.flow))
        self.breaks = breaks.filter { !anyway.contains($0.flow) }
        guard !self.breaks.isEmpty else { return nil }
        var needed = all.filter { !chosen.contains($0) }
        // The later a wave runs, the less is built on it.
        for wave in needed.reversed() {
            let fewer = needed.filter { $0 != wave }
            let broken = Set(breaksOf(chosen + fewer).map(\.flow))
            if broken.isSubset(of: anyway) { needed = fewer }
        }
        self.needed = needed
    }
}
