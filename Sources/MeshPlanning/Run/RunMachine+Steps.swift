import Timing

// MARK: - One step

extension RunMachine {
    mutating func appended(_ event: RunEvent) -> [RunAction] {
        state.apply(event)
        switch event {
        case .stepIntended(let id, let intent):
            inHand[id] = .writing(intent)
            return [.write(id, intent)]
        case .stepWritten(let id, _):
            guard case .recording(let intent) = inHand[id], let step = steps[id] else { return [] }
            if stopReason != nil {
                inHand[id] = nil
                return proceed()
            }
            inHand[id] = .confirming(intent)
            return [.confirm(step, intent)]
        case .stepFoundDone(let id), .stepConfirmed(let id, _):
            inHand[id] = nil
            return proceed()
        case .stepFailed(let id, _):
            inHand[id] = nil
            if failurePolicy == .stop, stopReason == nil {
                waiting = []
                stopReason = .stepFailed(id)
            }
            return proceed()
        case .settled, .gatesAsked, .soakStarted, .soaked, .guardStarted, .guardReported:
            return waitAppended(event)
        case .stopped, .finished:
            return [.finish(state.status)]
        case .started, .resumed, .pulled:
            return []
        }
    }

    mutating func read(_ id: StepID, _ object: CurrentObject) -> [RunAction] {
        guard let step = steps[id] else { return [] }
        switch inHand[id] {
        case .reading: return begin(step, object)
        case .readingBack(let intent, let failure):
            return readBack(step, intent, object, failure: failure)
        default: return []
        }
    }

    /// - Parameter previous: the intent of an attempt that may still reach the server. A restart keeps its
    ///   time, so that both attempts are one and the same restart.
    private mutating func begin(
        _ step: Step, _ object: CurrentObject, after previous: StepIntent? = nil
    ) -> [RunAction] {
        switch step.change.standing(of: object) {
        case .asBefore:
            let intent = StepIntent(
                change: step.change, uid: object.uid, resourceVersion: object.resourceVersion,
                restartedAt: previous?.restartedAt ?? restartTime(for: step, object))
            inHand[step.id] = .intending(intent)
            return [.append(.stepIntended(step.id, intent))]
        case .asAfter:
            inHand[step.id] = .recordingEnd
            return [.append(.stepFoundDone(step.id))]
        case .moved(let detail):
            return fail(step.id, .moved(detail: detail))
        }
    }

    /// Another one than the workload has: with the same, which a clock that is set back can give, nothing restarts.
    private func restartTime(for step: Step, _ object: CurrentObject) -> String {
        guard case .restart = step.change, case .workload(let last, _) = object.content else {
            return ""
        }
        return last == now.rfc3339 ? (now + .seconds(1)).rfc3339 : now.rfc3339
    }

    /// After a lost answer, or a death between intent and record: was the write done?
    private mutating func readBack(
        _ step: Step, _ intent: StepIntent, _ object: CurrentObject, failure: StepFailure?
    ) -> [RunAction] {
        let isDone: Bool
        if case .restart = step.change, case .workload(let restartedAt, _) = object.content {
            isDone = restartedAt == intent.restartedAt
        } else {
            isDone = step.change.standing(of: object) == .asAfter
        }
        guard isDone else {
            // Nothing is begun any more; whoever goes on reads it once more.
            if stopReason != nil {
                inHand[step.id] = nil
                return proceed()
            }
            if let failure, attempts[step.id, default: 0] >= Self.attemptLimit {
                return fail(step.id, failure)
            }
            return begin(step, object, after: intent)
        }
        inHand[step.id] = .recording(intent)
        let receipt = WriteReceipt(
            uid: object.uid, resourceVersion: object.resourceVersion, foundByReadingBack: true)
        return [.append(.stepWritten(step.id, receipt))]
    }

    mutating func recordWrite(_ id: StepID, _ receipt: WriteReceipt) -> [RunAction] {
        guard case .writing(let intent) = inHand[id] else { return [] }
        inHand[id] = .recording(intent)
        return [.append(.stepWritten(id, receipt))]
    }

    /// A stale precondition may also be our own write, done before its answer was lost.
    mutating func writeStale(_ id: StepID) -> [RunAction] {
        readBack(id, failure: .moved(detail: "it keeps changing while it is being written"))
    }

    mutating func writeInDoubt(
        _ id: StepID, _ message: String, isOutage: Bool
    ) -> [RunAction] {
        readBack(id, failure: .unreachable(message: message), counts: !isOutage)
    }

    /// - Parameters:
    ///   - failure: what is recorded if the write was not done and may not be tried again.
    ///   - counts: whether it was one of the attempts that are limited.
    private mutating func readBack(
        _ id: StepID, failure: StepFailure, counts: Bool = true
    ) -> [RunAction] {
        guard let step = steps[id], case .writing(let intent) = inHand[id] else { return [] }
        if counts { attempts[id, default: 0] += 1 }
        inHand[id] = .readingBack(intent, failure)
        return [.read(step)]
    }

    mutating func confirmed(_ id: StepID, _ evidence: String) -> [RunAction] {
        guard case .confirming = inHand[id] else { return [] }
        inHand[id] = .recordingEnd
        return [.append(.stepConfirmed(id, evidence: evidence))]
    }

    mutating func unconfirmed(_ id: StepID, _ missing: String) -> [RunAction] {
        guard case .confirming = inHand[id] else { return [] }
        return fail(id, .unconfirmed(missing: missing))
    }

    mutating func fail(_ id: StepID, _ failure: StepFailure) -> [RunAction] {
        guard inHand[id] != nil else { return [] }
        inHand[id] = .recordingEnd
        return [.append(.stepFailed(id, failure))]
    }
}
