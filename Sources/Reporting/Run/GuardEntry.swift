import MeshPlanning

/// What the guard of a run found.
package struct GuardEntry: Encodable, Sendable, Hashable {
    package struct Refusal: Encodable, Sendable, Hashable {
        package var from: String
        package var to: String
        package var count: Int
        /// Why it is only told; null where it counts.
        @OrNull package var excuse: String?
        package var evidence: [String]

        init(_ refusal: GuardReport.Refusal) {
            from = refusal.source
            to = refusal.destination
            count = refusal.count
            _excuse = OrNull(wrappedValue: refusal.excuse)
            evidence = refusal.evidence
        }
    }

    /// The batch after which it looked.
    package var batch: Int
    /// Whether it ended the run.
    package var tripped: Bool
    package var refusals: [Refusal]
    /// What got worse besides.
    package var regressions: [String]
    /// What could not be seen.
    package var doubts: [String]

    init(_ report: GuardReport) {
        batch = report.batch
        tripped = report.trips
        refusals = report.refusals.map { Refusal($0) }
        regressions = report.regressions
        doubts = report.doubts
    }
}

extension TextDocument {
    /// What was refused, with what was seen of it, and what could not be seen.
    mutating func add(_ guarding: GuardEntry, indent: Int) {
        for refusal in guarding.refusals {
            let counts = refusal.excuse == nil
            add(
                TextLine(counts ? "× " : "✓ ", counts ? .red : .green)
                    + TextLine(
                        "\(refusal.from) to \(refusal.to): refused "
                            + Phrases.count(refusal.count, "time")
                            + (refusal.excuse.map { ", not counted: \($0)" } ?? "")),
                indent: indent)
            for line in refusal.evidence { add(TextLine(line, .dim), indent: indent + 4) }
        }
        for line in guarding.regressions {
            add(TextLine("× ", .red) + TextLine(line), indent: indent)
        }
        for line in guarding.doubts {
            add(
                TextLine("? ", .yellow) + TextLine("cannot judge all, because \(line)"),
                indent: indent)
        }
        if guarding.refusals.isEmpty, guarding.regressions.isEmpty, guarding.doubts.isEmpty {
            add(TextLine("✓ ", .green) + TextLine("no required traffic is refused"), indent: indent)
        }
    }
}
