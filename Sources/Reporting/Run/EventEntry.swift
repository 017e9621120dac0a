package import JSON
import MeshPlanning
import Timing

/// One event of a run's journal.
package struct EventEntry: Encodable, Sendable, Hashable {
    /// RFC 3339.
    package var time: String
    /// `started`, `step-intended`, …
    package var event: String
    @OrNull package var step: String?
    /// The event in words, as the run printed it.
    package var text: String
    /// What else the journal holds of it.
    package var details: [String: JSONValue]

    init(_ event: RunEvent, at time: Timestamp, in rollout: Rollout) {
        self.time = time.rfc3339
        self.event = event.kind
        _step = OrNull(wrappedValue: event.stepID.map { String($0.number) })
        text = ProgressLine(event, in: rollout).text
        details = event.details
    }
}

extension RunEvent {
    fileprivate var details: [String: JSONValue] {
        switch self {
        case .resumed(let person), .pulled(let person):
            ["by": .string(person)]
        case .stepIntended(_, let intent):
            [
                "uid": .string(intent.uid), "resourceVersion": .string(intent.resourceVersion),
                "restartedAt": .string(intent.restartedAt),
            ]
        case .stepWritten(_, let receipt):
            [
                "uid": .string(receipt.uid), "resourceVersion": .string(receipt.resourceVersion),
                "foundByReadingBack": .bool(receipt.foundByReadingBack),
            ]
        case .stepConfirmed(_, let evidence):
            ["evidence": .string(evidence)]
        case .stepFailed(_, let failure):
            ["reason": .string(failure.reason), "message": .string(failure.message)]
        case .settled(let batch), .soaked(let batch):
            ["batch": .integer(Int64(batch))]
        case .soakStarted(let batch, let time):
            [
                "batch": .integer(Int64(batch)),
                "since": .string(Timestamp(milliseconds: time).rfc3339),
            ]
        case .gatesAsked(let round, let findings):
            [
                "batch": .integer(Int64(round.batch)), "moment": .string(round.moment.rawValue),
                "gates": .array(findings.map { JSONValue(reporting: GateEntry($0)) }),
            ]
        case .guardStarted(let batch, let look):
            [
                "batch": .integer(Int64(batch)),
                "unseen": .array(look.unseen.map { .string($0) }),
            ]
        case .guardReported(let report):
            ["guard": JSONValue(reporting: GuardEntry(report))]
        case .finished(let outcome):
            ["outcome": .string(outcome.rawValue)]
        case .started, .stepFoundDone, .stopped:
            [:]
        }
    }
}
