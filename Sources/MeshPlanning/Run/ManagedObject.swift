package import Timing

/// A write of a run that is in place, or may be.
package struct ObjectWrite: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// Intended, and no answer is journaled.
        case inDoubt = "in-doubt"
        /// Done, and its effect was not seen yet.
        case written
        case done
    }

    package var run: RunID
    package var kind: RunHeader.Kind
    package var step: StepID
    package var state: State
    /// When the latest event of the step was journaled.
    package var at: Timestamp
    /// What was read just before, and what was written.
    package var intent: StepIntent
    /// nil while in doubt.
    package var receipt: WriteReceipt?

    /// The apply that it belongs to: its own run, or the one that its rollback undoes.
    fileprivate var origin: RunID

    fileprivate init?(_ step: Step, of run: RunState, at times: [StepID: Timestamp]) {
        switch run.steps[step.id] {
        case .inDoubt(let intent):
            (state, self.intent) = (.inDoubt, intent)
        case .written(let intent, let receipt):
            (state, self.intent, self.receipt) = (.written, intent, receipt)
        case .confirmed(let intent, let receipt):
            (state, self.intent, self.receipt) = (.done, intent, receipt)
        case .pending, .foundDone, .failed, nil:
            return nil
        }
        self.run = run.header.id
        kind = run.header.kind
        origin = run.header.target ?? run.header.id
        self.step = step.id
        at = times[step.id] ?? Timestamp(milliseconds: 0)
    }
}

/// An object that runs changed and that is not rolled back, as far as the journal knows.
package struct ManagedObject: Sendable, Hashable {
    package var object: ObjectReference
    /// Those that are not undone, oldest first; never empty.
    package var writes: [ObjectWrite]

    /// Sorted by object.
    ///
    /// - Parameter runs: of one cluster: the events of each with their times, in the order in which they were begun.
    package static func all(
        in runs: [[(time: Timestamp, event: RunEvent)]]
    ) -> [ManagedObject] {
        var writes: [ObjectReference: [ObjectWrite]] = [:]
        for events in runs {
            guard let run = RunState(replaying: events.map(\.event)) else { continue }
            let target = run.header.target
            if let target, run.undidEverything {
                for object in writes.keys { writes[object]?.removeAll { $0.origin == target } }
                continue
            }
            let times = times(events)
            for (object, steps) in Dictionary(grouping: run.rollout.steps, by: \.change.object) {
                if let target, run.restores(writes[object] ?? [], of: target, by: steps) {
                    writes[object]?.removeAll { $0.origin == target }
                } else {
                    writes[object, default: []] += steps.compactMap {
                        ObjectWrite($0, of: run, at: times)
                    }
                }
            }
        }
        return writes.filter { !$0.value.isEmpty }
            .map { ManagedObject(object: $0, writes: $1) }.sorted { $0.object < $1.object }
    }

    private static func times(
        _ events: [(time: Timestamp, event: RunEvent)]
    ) -> [StepID: Timestamp] {
        var times: [StepID: Timestamp] = [:]
        for (time, event) in events {
            if let step = event.stepID { times[step] = time }
        }
        return times
    }
}

extension RunState {
    /// Whether the steps of this rollback brought an object back to what it was before the apply `target`.
    fileprivate func restores(
        _ writes: [ObjectWrite], of target: RunID, by steps: [Step]
    ) -> Bool {
        let undone = writes.filter { $0.origin == target && $0.kind == .apply }
            .map(\.intent.change)
        let back = steps.filter { isDone($0.id) }.map(\.change)
        guard let first = undone.first, let last = back.last else { return false }
        switch (first, last) {
        case (.policy(let first), .policy(let last)): return last.after == first.before
        case (.traffic(let first), .traffic(let last)): return last.after == first.before
        case (.labels, .labels):
            var before: [String: String?] = [:]
            for case .labels(let change) in undone {
                before.merge(change.before) { first, _ in first }
            }
            var after: [String: String?] = [:]
            for case .labels(let change) in back {
                after.merge(change.after) { _, last in last }
            }
            return before.allSatisfy { after[$0.key] == $0.value }
        case (.restart, .restart):
            // Pods are not brought back but made anew; what can be undone is the template's label.
            let before = undone.lazy.compactMap(\.templateLabel).first
            let after = back.lazy.compactMap(\.templateLabel).last
            return before.map { $0.key == after?.key && $0.before == after?.after } ?? true
        default: return false
        }
    }
}

extension Change {
    fileprivate var templateLabel: TemplateLabelChange? {
        if case .restart(let change) = self { change.templateLabel } else { nil }
    }
}
