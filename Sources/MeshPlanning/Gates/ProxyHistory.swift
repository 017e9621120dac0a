package import Telemetry
package import Timing

/// What a Prometheus server holds of one proxy's counters over a window.
///
/// Counters are cumulative: of one process, the values at both ends of a stretch tell all that was counted in
/// between. So `increase()` is not asked, which takes a series' first value for nothing.
package struct ProxyHistory: Sendable {
    /// When the window began.
    package var from: Timestamp
    /// The sample that stood when the window began; else the oldest one in the window.
    package var first: Timestamp
    /// The newest sample.
    package var last: Timestamp
    /// Moments since the first sample, evenly spread, at which Prometheus had none: scrapes failed, or it was
    /// down itself.
    package var missed: Int
    /// When the window began; empty where there was no sample then.
    package var start: TrafficCounters
    /// The largest value of each series of plaintext in the window, besides what there is now: series can go.
    package var peak: TrafficCounters
    package var latest: TrafficCounters

    /// A new proxy is not scraped at once.
    private static let discovery = Duration.seconds(300)

    package init(
        from: Timestamp, first: Timestamp, last: Timestamp, missed: Int = 0,
        start: TrafficCounters, peak: TrafficCounters, latest: TrafficCounters
    ) {
        self.from = from
        self.first = first
        self.last = last
        self.missed = missed
        self.start = start
        self.peak = peak
        self.latest = latest
    }

    /// What it proves.
    ///
    /// - Parameters:
    ///   - runningSince: when the proxy's process started; another one had counters of its own.
    ///   - countsSince: since when the counters speak for the workload; not before `runningSince`.
    package func watch(runningSince: Timestamp?, countsSince: Timestamp?) -> ProxyWatch {
        guard let runningSince, let countsSince else {
            var watch = ProxyWatch(latest, at: last, countsSince: nil)
            watch.addGap("since when it runs is not known")
            return watch
        }
        var watch: ProxyWatch
        // The kubelet gives whole seconds.
        if first <= from, runningSince + .seconds(1) <= first {
            // What was counted before the pods were there is of no harm.
            watch = ProxyWatch(
                start, at: min(last, max(first, countsSince)), countsSince: countsSince)
            watch.add(peak, at: last)
            watch.add(latest, at: last)
        } else if runningSince >= from {
            // All that it has counted, it has counted since it runs.
            watch = ProxyWatch(
                TrafficCounters(), at: min(last, countsSince), countsSince: countsSince)
            watch.add(latest, at: last)
        } else {
            // What it had counted when the window began is not known.
            watch = ProxyWatch(latest, at: last, countsSince: countsSince)
        }
        if first > from, first - runningSince > Self.discovery {
            watch.addGap("Prometheus has it since \(first.rfc3339) only")
        }
        if missed > 0 { watch.addGap("Prometheus misses scrapes of it since \(first.rfc3339)") }
        return watch
    }
}

extension TrafficCounters {
    /// The plaintext that was counted since an earlier sample, where nobody knows what happened in between.
    package func plaintext(since earlier: TrafficCounters) -> TrafficCounters {
        var found = TrafficCounters()
        for (key, counts) in series where key.security != .mutualTLS {
            let old = earlier.series[key] ?? Counts()
            // A value that fell is one of a series that began anew.
            let isSame =
                counts.requests >= old.requests && counts.opened >= old.opened
                && counts.closed >= old.closed
            found.series[key] = Counts(
                requests: counts.requests - (isSame ? old.requests : 0),
                opened: counts.opened - (isSame ? old.opened : 0),
                closed: counts.closed - (isSame ? old.closed : 0))
        }
        return found
    }
}
