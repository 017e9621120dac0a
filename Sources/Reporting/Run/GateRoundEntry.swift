import MeshPlanning
import Timing

/// What the gates of one place of a run found at one asking.
package struct GateRoundEntry: Encodable, Sendable, Hashable {
    /// `before` or `after`.
    package var moment: String
    package var batch: Int
    /// The batch's steps.
    package var steps: [String]
    /// RFC 3339
    package var askedAt: String
    package var findings: [GateEntry]

    /// All of a run, by their places, and at one place by time.
    static func all(
        _ events: [(time: Timestamp, event: RunEvent)], in rollout: Rollout
    ) -> [GateRoundEntry] {
        let steps = Dictionary(grouping: rollout.steps, by: \.batch)
        let asked = events.compactMap { time, event -> (GateRound, GateRoundEntry)? in
            guard case .gatesAsked(let round, let findings) = event else { return nil }
            let entry = GateRoundEntry(
                moment: round.moment.rawValue, batch: round.batch,
                steps: (steps[round.batch] ?? []).map { String($0.id.number) },
                askedAt: time.rfc3339, findings: findings.map { GateEntry($0) })
            return (round, entry)
        }
        func place(_ number: Int) -> (Int, Int, Int) {
            let round = asked[number].0
            return (round.batch, round.moment == .before ? 0 : 1, number)
        }
        return asked.indices.sorted { place($0) < place($1) }.map { asked[$0].1 }
    }

    /// `Before steps 6, 7`
    fileprivate var title: String {
        let word = steps.count == 1 ? "step" : "steps"
        return "\(moment == "before" ? "Before" : "After") \(word) \(steps.joined(separator: ", "))"
    }

    fileprivate func isAtPlace(of other: GateRoundEntry?) -> Bool {
        moment == other?.moment && batch == other?.batch
    }
}

extension TextDocument {
    /// Of a place that was asked several times, the last asking whole, and of the others what stood in the way.
    mutating func add(_ rounds: [GateRoundEntry]) {
        for (number, round) in rounds.enumerated() {
            let isLast = !round.isAtPlace(of: rounds.dropFirst(number + 1).first)
            let isFirst = !round.isAtPlace(of: number == 0 ? nil : rounds[number - 1])
            let time = isFirst && isLast ? "" : ", asked \(Phrases.time(round.askedAt))"
            add(TextLine(round.title + time), indent: 2)
            for finding in round.findings where isLast || !finding.letsPass {
                add(finding, indent: 4, isNamed: true)
            }
        }
    }
}

extension GateEntry {
    fileprivate var letsPass: Bool { verdict == "pass" || accepted != nil }
}
