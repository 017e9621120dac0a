package import Timing

/// The run as a pure state machine: inputs in, actions out; no I/O, no clock.
///
/// Write-ahead is a property of this type: `.write` only ever follows the acknowledged append of its
/// `stepIntended`, and a step is done only after the acknowledged append of `stepConfirmed`.
package struct RunMachine: Sendable {
    /// What a failed step means for the rest of the run.
    package enum FailurePolicy: Sendable {
        /// An apply stops: later steps rest on this one.
        case stop
        /// A rollback goes on: every object that can be brought back is, but for those that rest on a
        /// step that is not done (`Step.rests`).
        case goOn
    }

    /// Where a step in hand stands.
    private enum Progress: Equatable {
        case reading
        case intending(StepIntent)
        case writing(StepIntent)
        /// The answer was lost; the object is being read back. The failure is what stands if the write was
        /// not done after the last attempt; nil where this process has made none.
        case readingBack(StepIntent, StepFailure?)
        case recording(StepIntent)
        case confirming(StepIntent)
        case recordingEnd
    }

    package private(set) var state: RunState
    private let failurePolicy: FailurePolicy
    /// What the restart annotation will say: the time at which this process took up the run.
    private let now: Timestamp
    private let batches: [[Step]]
    private let steps: [StepID: Step]
    private var batch = 0
    private var waiting: [Step] = []
    private var inHand: [StepID: Progress] = [:]
    private var attempts: [StepID: Int] = [:]
    private var isSettling = false
    private var stopReason: StopReason?
    private var isClosing = false

    /// A write whose resourceVersion keeps moving, or whose answer keeps getting lost, is tried this often.
    package static let attemptLimit = 5

    package init(state: RunState, failurePolicy: FailurePolicy, now: Timestamp) {
        self.state = state
        self.failurePolicy = failurePolicy
        self.now = now
        batches = state.rollout.batches
        steps = Dictionary(
            state.rollout.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The first actions, of a new run or of one that goes on.
    package mutating func start() -> [RunAction] {
        batch = -1
        return nextBatch()
    }

    package mutating func handle(_ input: RunInput) -> [RunAction] {
        switch input {
        case .appended(let event): appended(event)
        case .read(let id, let object): read(id, object)
        case .readFailed(let id, let message): fail(id, .unreachable(message: message))
        case .written(let id, let receipt): recordWrite(id, receipt)
        case .writeStale(let id): writeStale(id)
        case .writeRefused(let id, let status, let reason, let message):
            fail(id, .refused(status: status, reason: reason, message: message))
        case .writeInDoubt(let id, let message): writeInDoubt(id, message)
        case .confirmed(let id, let evidence): confirmed(id, evidence)
        case .unconfirmed(let id, let missing): unconfirmed(id, missing)
        case .settleElapsed(let number): settled(number)
        case .stopRequested: stop(.interrupted)
        }
    }
}

// MARK: - Batches

extension RunMachine {
    private mutating func nextBatch() -> [RunAction] {
        batch += 1
        while batch < batches.count {
            let undone = failurePolicy == .goOn ? undoneBefore(batch) : []
            waiting = batches[batch].filter { step in
                !isSettledFor(step) && !undone.contains { step.rests(on: $0) }
            }
            if !waiting.isEmpty { return launch() }
            if needsSettling() { return settle() }
            batch += 1
        }
        return close()
    }

    private func undoneBefore(_ batch: Int) -> [Step] {
        batches[..<batch].joined().filter { !state.isDone($0.id) }
    }

    private func isSettledFor(_ step: Step) -> Bool {
        if state.isDone(step.id) { return true }
        if failurePolicy == .goOn, case .failed = state.steps[step.id] { return true }
        return false
    }

    /// Takes steps in hand, up to the limit of writes at once.
    private mutating func launch() -> [RunAction] {
        var actions: [RunAction] = []
        let limit = max(1, state.rollout.settings.writesAtOnce)
        while stopReason == nil, inHand.count < limit, !waiting.isEmpty {
            actions.append(take(waiting.removeFirst()))
        }
        return actions
    }

    private mutating func take(_ step: Step) -> RunAction {
        switch state.steps[step.id] {
        case .inDoubt(let intent):
            inHand[step.id] = .readingBack(intent, nil)
            return .read(step)
        case .written(let intent, _):
            inHand[step.id] = .confirming(intent)
            return .confirm(step, intent)
        default:
            inHand[step.id] = .reading
            return .read(step)
        }
    }

    /// Called whenever a step leaves the hand.
    private mutating func proceed() -> [RunAction] {
        let launched = launch()
        if !inHand.isEmpty || !launched.isEmpty { return launched }
        if stopReason != nil { return close() }
        return needsSettling() ? settle() : nextBatch()
    }

    private func needsSettling() -> Bool {
        let steps = batches[batch]
        guard let number = steps.first?.batch, !state.settledBatches.contains(number),
            batch + 1 < batches.count, state.rollout.settings.settleMilliseconds > 0
        else { return false }
        return steps.contains { step in
            if step.settles, case .confirmed = state.steps[step.id] { true } else { false }
        }
    }

    private mutating func settle() -> [RunAction] {
        isSettling = true
        return [.settle(batch: batches[batch][0].batch, state.rollout.settings.settle)]
    }

    private mutating func settled(_ number: Int) -> [RunAction] {
        guard isSettling else { return [] }
        isSettling = false
        return [.append(.settled(batch: number))]
    }

    private mutating func close() -> [RunAction] {
        guard !isClosing else { return [] }
        isClosing = true
        if let stopReason { return [.append(.stopped(stopReason))] }
        let isComplete =
            state.header.leftAlone.isEmpty
            && state.rollout.steps.allSatisfy { state.isDone($0.id) }
        return [.append(.finished(isComplete ? .done : .incomplete))]
    }

    private mutating func stop(_ reason: StopReason) -> [RunAction] {
        guard !isClosing else { return [] }
        // After a failed step the run is stopping already; what is left is to stop waiting.
        stopReason = stopReason ?? reason
        waiting = []
        // A write in flight is never given up; reads and waits are.
        for (id, progress) in inHand {
            switch progress {
            case .reading, .readingBack, .confirming: inHand[id] = nil
            case .intending, .writing, .recording, .recordingEnd: break
            }
        }
        let wasSettling = isSettling
        isSettling = false
        let rest = inHand.isEmpty || wasSettling ? close() : []
        return [.abandonWaits] + rest
    }
}

// MARK: - One step

extension RunMachine {
    private mutating func appended(_ event: RunEvent) -> [RunAction] {
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
        case .settled:
            return stopReason == nil ? nextBatch() : close()
        case .stopped, .finished:
            return [.finish(state.status)]
        case .started, .resumed:
            return []
        }
    }

    private mutating func read(_ id: StepID, _ object: CurrentObject) -> [RunAction] {
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
            var restartedAt = ""
            if case .restart = step.change { restartedAt = previous?.restartedAt ?? now.rfc3339 }
            let intent = StepIntent(
                change: step.change, uid: object.uid, resourceVersion: object.resourceVersion,
                restartedAt: restartedAt)
            inHand[step.id] = .intending(intent)
            return [.append(.stepIntended(step.id, intent))]
        case .asAfter:
            inHand[step.id] = .recordingEnd
            return [.append(.stepFoundDone(step.id))]
        case .moved(let detail):
            return fail(step.id, .moved(detail: detail))
        }
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

    private mutating func recordWrite(_ id: StepID, _ receipt: WriteReceipt) -> [RunAction] {
        guard case .writing(let intent) = inHand[id] else { return [] }
        inHand[id] = .recording(intent)
        return [.append(.stepWritten(id, receipt))]
    }

    /// A stale precondition may also be our own write, done before its answer was lost.
    private mutating func writeStale(_ id: StepID) -> [RunAction] {
        readBack(id, failure: .moved(detail: "it keeps changing while it is being written"))
    }

    private mutating func writeInDoubt(_ id: StepID, _ message: String) -> [RunAction] {
        readBack(id, failure: .unreachable(message: message))
    }

    /// - Parameter failure: what is recorded if the write was not done and may not be tried again.
    private mutating func readBack(_ id: StepID, failure: StepFailure) -> [RunAction] {
        guard let step = steps[id], case .writing(let intent) = inHand[id] else { return [] }
        attempts[id, default: 0] += 1
        inHand[id] = .readingBack(intent, failure)
        return [.read(step)]
    }

    private mutating func confirmed(_ id: StepID, _ evidence: String) -> [RunAction] {
        guard case .confirming = inHand[id] else { return [] }
        inHand[id] = .recordingEnd
        return [.append(.stepConfirmed(id, evidence: evidence))]
    }

    private mutating func unconfirmed(_ id: StepID, _ missing: String) -> [RunAction] {
        guard case .confirming = inHand[id] else { return [] }
        return fail(id, .unconfirmed(missing: missing))
    }

    private mutating func fail(_ id: StepID, _ failure: StepFailure) -> [RunAction] {
        guard inHand[id] != nil else { return [] }
        inHand[id] = .recordingEnd
        return [.append(.stepFailed(id, failure))]
    }
}
