import MeshPlanning

/// What the gates of one place of a run found when they were last asked.
package struct GateRoundEntry: Encodable, Sendable, Hashable {
    /// `before` or `after`.
    package var moment: String
    package var batch: Int
    /// The batch's steps.
    package var steps: [String]
    package var findings: [GateEntry]

    /// All of a run, in its order.
    static func all(of run: RunState) -> [GateRoundEntry] {
        let steps = Dictionary(grouping: run.rollout.steps, by: \.batch)
        return run.findings.sorted {
            ($0.key.batch, $0.key.moment == .before ? 0 : 1)
                < ($1.key.batch, $1.key.moment == .before ? 0 : 1)
        }.map { round, findings in
            GateRoundEntry(
                moment: round.moment.rawValue, batch: round.batch,
                steps: (steps[round.batch] ?? []).map { String($0.id.number) },
                findings: findings.map { GateEntry($0) })
        }
    }

    /// `Before steps 6, 7`
    var title: String {
        let word = steps.count == 1 ? "step" : "steps"
        return "\(moment == "before" ? "Before" : "After") \(word) \(steps.joined(separator: ", "))"
    }
}
