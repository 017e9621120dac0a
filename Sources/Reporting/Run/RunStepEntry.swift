package import JSON
import MeshPlanning
import Timing

/// A step of a run: what was planned, how far it got, and on what evidence.
package struct RunStepEntry: Encodable, Sendable, Hashable {
    package struct Failure: Encodable, Sendable, Hashable {
        /// `moved`, `refused`, `unreachable`, `unconfirmed`
        package var reason: String
        package var message: String
        package var advice: String
    }

    package var step: StepEntry
    /// `pending`, `in-doubt`, `written`, `done`, `found-done` or `failed`.
    package var state: String
    /// What showed that the step took effect.
    @OrNull package var evidence: String?
    /// The latest failure, unless the step got done after it.
    @OrNull package var failure: Failure?
    /// When the latest event of the step was journaled (RFC 3339).
    @OrNull package var at: String?
    /// The object's images: a policy's labels, annotations and spec, a namespace's labels. null is absence.
    package var before: JSONValue
    package var after: JSONValue

    /// - Parameter events: the step's own, in their order.
    init(
        _ step: Step, in run: RunState, gates: [GateCheck],
        events: [(time: Timestamp, event: RunEvent)]
    ) {
        self.step = StepEntry(step, gates: gates)
        state = Self.name(of: run.steps[step.id] ?? .pending)
        (before, after) = step.change.images
        for (time, event) in events {
            _at = OrNull(wrappedValue: time.rfc3339)
            switch event {
            case .stepConfirmed(_, let evidence):
                _evidence = OrNull(wrappedValue: evidence)
                _failure = OrNull(wrappedValue: nil)
            case .stepFoundDone:
                _failure = OrNull(wrappedValue: nil)
            case .stepFailed(_, let failure):
                _failure = OrNull(
                    wrappedValue: Failure(
                        reason: failure.reason, message: failure.message, advice: failure.advice))
            default: break
            }
        }
    }

    private enum Keys: String, CodingKey { case state, evidence, failure, at, before, after }

    /// The step's own members and the run's, side by side.
    package func encode(to encoder: any Encoder) throws {
        try step.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(state, forKey: .state)
        try container.encode(_evidence, forKey: .evidence)
        try container.encode(_failure, forKey: .failure)
        try container.encode(_at, forKey: .at)
        try container.encode(before, forKey: .before)
        try container.encode(after, forKey: .after)
    }

    private static func name(of state: RunState.StepState) -> String {
        switch state {
        case .pending: "pending"
        case .inDoubt: "in-doubt"
        case .written: "written"
        case .confirmed: "done"
        case .foundDone: "found-done"
        case .failed: "failed"
        }
    }
}

extension Change {
    /// The object before and after it, as far as the change says: labels, annotations and spec of a policy, labels
    /// of a namespace or a pod template; null is absence.
    var images: (before: JSONValue, after: JSONValue) {
        func json(_ image: PolicyImage?) -> JSONValue {
            guard let image else { return .null }
            return [
                "labels": JSONValue(image.labels), "annotations": JSONValue(image.annotations),
                "spec": image.spec,
            ]
        }
        func json(_ labels: [String: String?]) -> JSONValue {
            ["labels": .object(labels.mapValues { $0.map(JSONValue.string) ?? .null })]
        }
        switch self {
        case .policy(let change): return (json(change.before), json(change.after))
        case .traffic(let change): return (json(change.before), json(change.after))
        case .labels(let change): return (json(change.before), json(change.after))
        case .restart(let change):
            guard let label = change.templateLabel else { return (.null, .null) }
            return (json([label.key: label.before]), json([label.key: label.after]))
        }
    }
}

// MARK: - Text

extension RunStepEntry {
    var item: StepList.Item {
        var notes: [TextLine] = []
        if let evidence { notes.append(TextLine(evidence, .dim)) }
        if let failure {
            notes.append(TextLine(failure.message, .red))
            notes.append(TextLine(failure.advice))
        }
        return StepList.Item(step: step, state: TextLine(state, style), notes: notes)
    }

    private var style: TextStyle {
        switch state {
        case "done", "found-done": .green
        case "failed": .red
        case "written", "in-doubt": .yellow
        default: .dim
        }
    }
}
