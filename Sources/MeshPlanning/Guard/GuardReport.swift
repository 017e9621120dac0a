/// What the guard found in its last look: what counts against the run, and what is only told.
package struct GuardReport: Sendable, Hashable, Codable {
    /// Refusals of one kind.
    package struct Refusal: Sendable, Hashable, Codable {
        /// Who was refused, as the person reads it: `shop/Deployment/web`, `192.0.2.7, which is no pod's address`.
        package var source: String
        /// `shop/Deployment/cart`
        package var destination: String
        /// How many within the window.
        package var count: Int
        /// What was seen, a line each.
        package var evidence: [String]
        /// Why it is only told; nil where it counts.
        package var excuse: String?

        package init(
            from source: String, to destination: String, count: Int, evidence: [String] = [],
            excuse: String? = nil
        ) {
            self.source = source
            self.destination = destination
            self.count = count
            self.evidence = evidence
            self.excuse = excuse
        }
    }

    /// The batch after which it was found.
    package var batch: Int
    package var refusals: [Refusal]
    /// What got worse besides: pods that were ready and are not, or that restart.
    package var regressions: [String]
    /// What could not be seen, a line each.
    package var doubts: [String]
    /// Whether the run ends here.
    package var trips: Bool

    package init(
        batch: Int, refusals: [Refusal] = [], regressions: [String] = [], doubts: [String] = [],
        trips: Bool = false
    ) {
        self.batch = batch
        self.refusals = refusals
        self.regressions = regressions
        self.doubts = doubts
        self.trips = trips
    }

    /// The reports of several batches as one: refusals that are few for each may be many together. What two of
    /// them tell of the same source and destination is one refusal: a target may be captured by one batch and
    /// made stricter by another.
    package init(of reports: [GuardReport], _ rule: AbortRule) {
        self.init(
            batch: reports.first(where: \.trips)?.batch ?? reports.last?.batch ?? 0,
            refusals: Self.united(reports.flatMap(\.refusals)),
            regressions: Set(reports.flatMap(\.regressions)).sorted(),
            doubts: Set(reports.flatMap(\.doubts)).sorted())
        trips = reports.contains(where: \.trips) || isTooMuch(for: rule)
    }

    private static func united(_ refusals: [Refusal]) -> [Refusal] {
        var largest: [[String?]: Refusal] = [:]
        var order: [[String?]] = []
        for refusal in refusals {
            let key = [refusal.source, refusal.destination, refusal.excuse]
            if largest[key] == nil { order.append(key) }
            if refusal.count > largest[key]?.count ?? -1 { largest[key] = refusal }
        }
        return order.compactMap { largest[$0] }
    }

    func isTooMuch(for rule: AbortRule) -> Bool {
        counted >= max(1, rule.refusedConnections) || !regressions.isEmpty
    }

    /// Refusals that count.
    package var counted: Int { refusals.reduce(0) { $0.plus($1.excuse == nil ? $1.count : 0) } }
}
