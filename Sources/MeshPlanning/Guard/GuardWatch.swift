package import Timing

/// Judges looks at the proxies one after the other: who is refused since the watch began. Pure.
package struct GuardWatch: Sendable {
    package private(set) var guards: [TrafficGuard]
    private let rule: AbortRule
    private let targets: [TrafficGuard.Target]
    private let names: Set<String>
    private var counts: RefusalCounts
    private var health: HealthWatch
    /// A set, since two looks may have read the same part of a log.
    private var lines: Set<GuardLook.Line> = []
    /// When was looked, as far back as the window reaches; the base first.
    private var times: [Int64]
    /// Targets whose traffic was with a ztunnel at the last look; nil before the first.
    private var captured: Set<String>?
    /// Looks that showed a target whose open connections the step may have closed, with the target.
    private var closings: Set<RefusalJudge.Closing> = []

    /// - Parameter base: how it was before the first of the batches.
    package init(_ guards: [TrafficGuard], rule: AbortRule, base: GuardLook) {
        self.guards = guards
        self.rule = rule
        targets = guards.targets
        names = Set(targets.map(\.workload))
        counts = RefusalCounts(
            of: names, base: base, windowMilliseconds: rule.windowMilliseconds)
        health = HealthWatch(of: names, base: base)
        times = [base.at]
    }

    /// Since when the next look has to read logs: a little before the last look, since lines take a moment to
    /// arrive.
    package var logsSince: Timestamp {
        Timestamp(milliseconds: max(times[0], (times.last ?? 0).subtractingClamped(Self.overlap)))
    }

    private static let overlap: Int64 = 5000

    /// Takes the watch up after a time in which nobody looked, longer than the window: what was counted in it
    /// cannot be placed, and only what comes after this look counts.
    package mutating func resume(at look: GuardLook) {
        noteClosings(look)
        counts.add(look, isProbed: false)
        counts.forget(until: look.at)
        times = [look.at]
    }

    /// Whether a look now would be compared with one that is older than the window.
    package func isStale(at now: Timestamp) -> Bool {
        let (edge, _) = now.milliseconds.subtractingReportingOverflow(rule.windowMilliseconds)
        return (times.last ?? 0) < edge
    }

    /// The newest look, and what it says together with those before. It may be of other guards as well.
    ///
    /// - Parameter isProbed: whether meshctl itself asked something since the look before that is to be refused.
    ///   What proxies counted in between for sources that they do not know is then left out.
    package mutating func add(_ look: GuardLook, isProbed: Bool = false) -> GuardReport {
        noteClosings(look)
        counts.add(look, isProbed: isProbed)
        lines.formUnion(look.lines.filter { names.contains($0.destination) })
        times.append(look.at)
        let start = forgetOld(now: look.at)
        let regressions = health.add(look)
        var report = GuardReport(
            batch: guards.last?.batch ?? 0,
            refusals: refusals(since: start, until: look.at), regressions: regressions,
            doubts: look.unseen + counts.gaps.map(\.text))
        report.trips = report.isTooMuch(for: rule)
        return report
    }

    /// Counters are compared with the newest look that is as old as the window, or with the base.
    ///
    /// - Returns: when that look was.
    private mutating func forgetOld(now: Int64) -> Int64 {
        let (edge, _) = now.subtractingReportingOverflow(rule.windowMilliseconds)
        let start = times.last { $0 <= edge } ?? times[0]
        times.removeAll { $0 < start }
        counts.forget(until: start)
        lines = lines.filter { $0.at > start }
        closings = closings.filter { $0.at > start }
        return start
    }

    private mutating func noteClosings(_ look: GuardLook) {
        let now = Set(look.pods.filter(\.isCaptured).map(\.workload))
        for target in now where captured?.contains(target) != true {
            closings.insert(RefusalJudge.Closing(at: look.at, target: target))
        }
        captured = now
    }

    private func refusals(since start: Int64, until end: Int64) -> [GuardReport.Refusal] {
        let increments = Dictionary(grouping: counts.increments, by: \.key.destination)
        let told = Dictionary(grouping: lines, by: \.destination)
        return targets.flatMap { target in
            RefusalJudge(
                target, increments[target.workload] ?? [], told[target.workload] ?? [],
                rates: counts.rates, milliseconds: end.subtractingClamped(start), closings: closings
            ).refusals
        }.sorted { a, b in
            (a.excuse == nil ? 0 : 1, a.destination, a.source, a.excuse ?? "")
                < (b.excuse == nil ? 0 : 1, b.destination, b.source, b.excuse ?? "")
        }
    }
}
