package import Telemetry
package import Timing

/// A proxy's counters, taken twice or more, and how much of the past they speak for.
///
/// Counters start at zero with the proxy: those that show no plaintext at all speak for its whole life, with a
/// single look. Others tell only what was added between two looks.
package struct ProxyWatch: Sendable {
    /// Since when all that it now counts for has been counted: the proxy runs, and so do the pods behind it.
    /// nil where that is not known.
    private let countsSince: Timestamp?
    package let first: Timestamp
    package private(set) var last: Timestamp
    private var latest: TrafficCounters
    private var added = TrafficCounters()
    /// Why the looks do not make one stretch of time.
    package private(set) var gaps: [String] = []

    package init(_ counters: TrafficCounters, at time: Timestamp, countsSince: Timestamp?) {
        self.countsSince = countsSince
        first = time
        last = time
        latest = counters
    }

    /// Another look, later than those before.
    package mutating func add(_ counters: TrafficCounters, at time: Timestamp) {
        let change = counters.since(latest)
        if change.isReset {
            gaps.append(
                "its counters started anew between \(last.rfc3339) and \(time.rfc3339)")
        }
        added.add(change.counters)
        latest = counters
        last = time
    }

    package mutating func addGap(_ why: String) { gaps.append(why) }

    /// Since when the counters speak.
    package var from: Timestamp {
        guard speaksForItsLife, let countsSince else { return first }
        return min(first, countsSince)
    }

    /// What was received since then.
    package var received: ReceivedTraffic { ReceivedTraffic(speaksForItsLife ? latest : added) }

    /// Connections in plaintext that are open now, whenever they began, by their senders.
    package var openPlaintext: [(source: TrafficCounters.End, count: Int)] {
        ReceivedTraffic(latest).plaintext.filter { $0.amount.open > 0 }
            .map { ($0.source, $0.amount.open) }
    }

    /// In milliseconds.
    package var covered: Int64 { (last - from).wholeMilliseconds }

    private var speaksForItsLife: Bool {
        countsSince != nil && gaps.isEmpty && ReceivedTraffic(latest).plaintext.isEmpty
    }
}
