extension TrafficCounters {
    /// What happened between two samples of one proxy.
    package struct Change: Sendable, Hashable {
        /// What was counted in between; after a reset, what was counted since it, which is a part only.
        package var counters: TrafficCounters
        /// A counter fell or is gone: the proxy has started anew, and what it had counted until then since
        /// the first sample is lost.
        package var isReset: Bool
    }

    /// What was counted since an earlier sample. Series in which nothing was counted are left out.
    package func since(_ earlier: TrafficCounters) -> Change {
        let isReset = earlier.series.contains { key, counts in
            !(series[key] ?? Counts()).isAtLeast(counts)
        }
        if isReset { return Change(counters: self, isReset: true) }
        var change = TrafficCounters()
        for (key, counts) in series {
            let more = counts - (earlier.series[key] ?? Counts())
            if more != Counts() { change.series[key] = more }
        }
        return Change(counters: change, isReset: false)
    }

    /// Adds what was counted in another stretch of time, or by another proxy.
    package mutating func add(_ other: TrafficCounters) {
        for (key, counts) in other.series { series[key, default: Counts()] += counts }
    }
}

extension TrafficCounters.Counts {
    fileprivate func isAtLeast(_ other: Self) -> Bool {
        requests >= other.requests && opened >= other.opened && closed >= other.closed
            && failed >= other.failed && bytes >= other.bytes
    }

    fileprivate static func - (a: Self, b: Self) -> Self {
        Self(
            requests: a.requests - b.requests, opened: a.opened - b.opened,
            closed: a.closed - b.closed, failed: a.failed - b.failed, bytes: a.bytes - b.bytes)
    }
}
