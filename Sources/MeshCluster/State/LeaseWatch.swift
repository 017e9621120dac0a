/// Tells whether a Lease's holder is alive, from looking at it again and again.
///
/// What its times say is the clock of somebody else: only one's own time counts, and only whether the Lease
/// changes in it.
package struct LeaseWatch: Sendable {
    package enum Verdict: Sendable, Hashable {
        case free
        /// Unchanged for a time that says nothing yet.
        case unknown
        /// It was renewed, or changed hands, between two looks.
        case alive
        /// It was unchanged for its duration.
        case abandoned
    }

    private var seen: LeaseRecord?
    private var since = Duration.zero

    package init() {}

    /// - Parameters:
    ///   - asked: when this look was asked for, in elapsed time.
    ///   - answered: when its answer was there.
    package mutating func look(
        at record: LeaseRecord, asked: Duration, answered: Duration
    ) -> Verdict {
        guard record.holder != nil else { return .free }
        let before = seen
        if record.uid == before?.uid, record.resourceVersion == before?.resourceVersion {
            // It was unchanged at least from the first answer to this question.
            return asked - since >= record.duration ? .abandoned : .unknown
        }
        seen = record
        since = answered
        // Something else than a renewal, such as a stop request, shows no life.
        guard let before else { return .unknown }
        return record.holder == before.holder && record.renewedAt == before.renewedAt
            ? .unknown : .alive
    }
}
