/// A moment of wall time, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Moments come from files and from clusters: arithmetic stays at the ends of its range, 292 million years away.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(milliseconds: a.milliseconds.addingClamped(b.wholeMilliseconds))
    }

    package static func - (a: Timestamp, b: Timestamp) -> Duration {
        .milliseconds(a.milliseconds.subtractingClamped(b.milliseconds))
    }
}

extension Duration {
    /// The duration in milliseconds, rounded down; one that 64 bits do not hold is the longest that they do.
    package var wholeMilliseconds: Int64 {
        guard self < .milliseconds(Int64.max) else { return .max }
        guard self > .milliseconds(Int64.min) else { return .min }
        let (seconds, attoseconds) = components
        return (seconds * 1000).addingClamped(attoseconds / 1_000_000_000_000_000)
    }
}
