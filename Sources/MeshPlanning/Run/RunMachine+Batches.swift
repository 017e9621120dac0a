import Timing

/// What a batch waits for as a whole.
enum BatchWait: Equatable {
    case gates(GateRound)
    case settling(Int)
    case soak(Int)
    case guardBase(Int)
    case guardReport(Int)
}

// A batch: its gates, its steps, settling, the gates after it, and the watch over its wave.
extension RunMachine {
    mutating func nextBatch() -> [RunAction] {
        batch += 1
        while batch < batches.count {
            let undone = failurePolicy == .goOn ? undoneBefore(batch) : []
            waiting = batches[batch].filter { step in
                !isSettledFor(step) && !undone.contains { step.rests(on: $0) }
            }
            if let asking = askBefore() ?? lookBefore() { return asking }
            if !waiting.isEmpty { return launch() }
            if let ending = end() { return ending }
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
    mutating func proceed() -> [RunAction] {
        let launched = launch()
        if !inHand.isEmpty || !launched.isEmpty { return launched }
        if stopReason != nil { return close() }
        return end() ?? nextBatch()
    }

    mutating func close() -> [RunAction] {
        guard !isClosing else { return [] }
        isClosing = true
        if let stopReason { return [.append(.stopped(stopReason))] }
        let isComplete =
            state.header.leftAlone.isEmpty
            && state.rollout.steps.allSatisfy { state.isDone($0.id) }
        return [.append(.finished(isComplete ? .done : .incomplete))]
    }

    mutating func stop(_ reason: StopReason) -> [RunAction] {
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
        let hadWait = wait != nil
        wait = nil
        let rest = inHand.isEmpty || hadWait ? close() : []
        return [.abandonWaits] + rest
    }

    /// A write that was not sent stays intended: whoever goes on reads its object first, as with any other.
    mutating func lockEnded(_ end: LockEnd, notSent id: StepID?) -> [RunAction] {
        if let id, case .writing = inHand[id] { inHand[id] = nil }
        return stop(end.stopReason)
    }
}

// MARK: - What a batch waits for

extension RunMachine {
    /// Gates stand before what is not begun. A write that was sent before is looked after in any case.
    private mutating func askBefore() -> [RunAction]? {
        waiting.allSatisfy(isSent) ? nil : ask(.before)
    }

    /// A rollback leaves what stands behind a gate that does not let it pass, with all that rests on it. What
    /// was sent before is looked after all the same.
    private mutating func passOver() -> [RunAction] {
        waiting = waiting.filter(isSent)
        return proceed()
    }

    private func isSent(_ step: Step) -> Bool {
        switch state.steps[step.id] {
        case .inDoubt, .written: true
        default: false
        }
    }

    /// What is still to be waited for once the steps are done; nil when the next batch may start.
    private mutating func end() -> [RunAction]? {
        guard let number = batches[batch].first?.batch, batches[batch].contains(where: isConfirmed)
        else { return nil }
        if needsSettling(number) {
            wait = .settling(number)
            return [
                .settle(
                    batch: number, state.rollout.settings.settle, watched(after: number))
            ]
        }
        let round = GateRound(.after, batch: number)
        if state.findings[round]?.letPass != true, let asking = ask(.after) { return asking }
        guard !state.soakedBatches.contains(number) else { return nil }
        if let looking = lookAfter(number) { return looking }
        guard let soak = soaks[number] else { return nil }
        wait = .soak(number)
        return [.soak(soak, since: state.soakStarts[number], watched(after: number))]
    }

    private func isConfirmed(_ step: Step) -> Bool {
        if case .confirmed = state.steps[step.id] { true } else { false }
    }

    private func needsSettling(_ number: Int) -> Bool {
        guard !state.settledBatches.contains(number),
            state.rollout.settings.settleMilliseconds > 0,
            batches[batch].contains(where: { $0.settles && isConfirmed($0) })
        else { return false }
        // What follows rests on it: a batch, or somebody who looks at what it did.
        return batch + 1 < batches.count || gates[GateRound(.after, batch: number)] != nil
            || soaks[number] != nil || guards[number] != nil
    }

    /// nil where there is nothing to ask, or this process has asked.
    private mutating func ask(_ moment: GateRound.Moment) -> [RunAction]? {
        guard let number = batches[batch].first?.batch else { return nil }
        let round = GateRound(moment, batch: number)
        guard var checks = gates[round], asked.insert(round).inserted else { return nil }
        if moment == .before, isBegun, state.findings[round]?.letPass == true {
            checks.removeAll { $0.question.isOfTheTimeBefore }
        }
        wait = .gates(round)
        return [.ask(round, checks)]
    }

    /// Whether some of the batch may be written, by an earlier process.
    private var isBegun: Bool { batches[batch].contains(where: isBegun) }

    func isBegun(_ step: Step) -> Bool {
        switch state.steps[step.id] {
        case .inDoubt, .written, .confirmed, .foundDone: true
        case .pending, .failed, nil: false
        }
    }

    /// An answer that is still waited for is journaled.
    mutating func waited(_ expected: BatchWait, _ event: RunEvent) -> [RunAction] {
        guard wait == expected else { return [] }
        wait = nil
        return [.append(event)]
    }

    mutating func soakIsLong(_ number: Int, until end: Timestamp) -> [RunAction] {
        guard wait == .soak(number) else { return [] }
        wait = nil
        return stop(.soaking(until: end.milliseconds))
    }

    /// After the acknowledged append of what a batch waited for.
    mutating func waitAppended(_ event: RunEvent) -> [RunAction] {
        if stopReason != nil { return close() }
        switch event {
        case .gatesAsked(let round, let found) where !found.letPass:
            return failurePolicy == .goOn && round.moment == .before
                ? passOver() : stop(.gate(round))
        case .gatesAsked(let round, _) where round.moment == .before:
            return lookBefore() ?? launch()
        case .guardStarted:
            return launch()
        case .guardReported(let report) where report.trips:
            return stop(.guardTripped(batch: report.batch))
        default:
            return end() ?? nextBatch()
        }
    }
}
