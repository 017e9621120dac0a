package import Timing

/// A run as its events tell it.
package struct RunState: Sendable, Equatable {
    package enum StepState: Sendable, Equatable {
        case pending
        /// Intended, and no answer is journaled, or known from a checkpoint only: the write may or may not
        /// have been done.
        case inDoubt(StepIntent)
        case written(StepIntent, WriteReceipt)
        case confirmed(StepIntent, WriteReceipt)
        case foundDone
        case failed(StepFailure)
    }

    package enum Status: Sendable, Hashable {
        case open
        case stopped(StopReason)
        case finished(RunOutcome)
    }

    package private(set) var header: RunHeader
    package private(set) var rollout: Rollout
    package private(set) var steps: [StepID: StepState] = [:]
    package private(set) var settledBatches: Set<Int> = []
    /// What each gate found when it was last asked.
    package private(set) var findings: [GateRound: [GateFinding]] = [:]
    /// When the watch over a wave began, by its batch.
    package private(set) var soakStarts: [Int: Timestamp] = [:]
    package private(set) var soakedBatches: Set<Int> = []
    /// How the proxies were before each guarded batch.
    package private(set) var guardBases: [Int: GuardLook] = [:]
    /// What the guard found last.
    package private(set) var guardReport: GuardReport?
    /// Steps that met an object that is neither as it was planned nor as it is wanted, with how it is, since
    /// the run was last gone on with.
    package private(set) var moved: [StepID: String] = [:]
    package private(set) var status: Status = .open
    /// Known from its checkpoint in the cluster only. It can be rolled back, and never gone on with.
    package private(set) var isPulled = false

    /// nil when the events do not begin with `started`.
    package init?(replaying events: some Sequence<RunEvent>) {
        var iterator = events.makeIterator()
        guard case .started(let header, let rollout) = iterator.next() else { return nil }
        self.init(header: header, rollout: rollout)
        while let event = iterator.next() { apply(event) }
    }

    package init(header: RunHeader, rollout: Rollout) {
        self.header = header
        self.rollout = rollout
        for step in rollout.steps { steps[step.id] = .pending }
    }

    package mutating func apply(_ event: RunEvent) {
        switch event {
        case .started:
            break
        case .resumed:
            status = .open
            moved = [:]
        case .pulled:
            isPulled = true
            for step in rollout.steps {
                steps[step.id] = .inDoubt(
                    StepIntent(change: step.change, uid: "", resourceVersion: ""))
            }
        case .stepIntended(let id, let intent):
            steps[id] = .inDoubt(intent)
        case .stepWritten(let id, let receipt):
            if case .inDoubt(let intent) = steps[id] { steps[id] = .written(intent, receipt) }
        case .stepFoundDone(let id):
            steps[id] = .foundDone
        case .stepConfirmed(let id, _):
            if case .written(let intent, let receipt) = steps[id] {
                steps[id] = .confirmed(intent, receipt)
            }
        case .stepFailed(let id, let failure):
            if case .moved(let detail) = failure { moved[id] = detail }
            steps[id] = state(of: id, after: failure)
        case .settled(let batch):
            settledBatches.insert(batch)
        case .gatesAsked(let round, let found):
            findings[round] = found
        case .soakStarted(let batch, let time):
            soakStarts[batch] = Timestamp(milliseconds: time)
        case .soaked(let batch):
            soakedBatches.insert(batch)
        case .guardStarted(let batch, let look):
            guardBases[batch] = look
        case .guardReported(let report):
            guardReport = report
        case .stopped(let reason):
            status = .stopped(reason)
        case .finished(let outcome):
            status = .finished(outcome)
        }
    }

    /// Of a pulled run: nothing that it may have done to these objects is there any more.
    mutating func leftNothing(on objects: Set<ObjectReference>) {
        for step in rollout.steps where objects.contains(step.change.object) {
            steps[step.id] = .pending
        }
    }

    private func state(of id: StepID, after failure: StepFailure) -> StepState? {
        switch (failure, steps[id]) {
        // A step that is written but not confirmed stays written: resuming confirms it.
        case (.unconfirmed, let state): state
        // After an unreachable server nobody knows. Nor where the object is now a third thing: somebody
        // may have changed it after our write was done.
        case (.unreachable, .inDoubt(let intent)), (.moved, .inDoubt(let intent)): .inDoubt(intent)
        case (.moved, _), (.refused, _), (.unreachable, _): .failed(failure)
        }
    }

    package func isDone(_ id: StepID) -> Bool {
        switch steps[id] {
        case .confirmed, .foundDone: true
        default: false
        }
    }

    /// Whether its steps are planned for a cluster that is no longer so: gone on with, it would stop there again.
    package var isOutdated: Bool { !moved.isEmpty && !isFinished }

    /// Whether any write of the run took effect, or may have.
    package var hasWritten: Bool {
        steps.values.contains { state in
            switch state {
            case .inDoubt, .written, .confirmed: true
            case .pending, .foundDone, .failed: false
            }
        }
    }

    package var isFinished: Bool {
        switch status {
        case .finished, .stopped(.superseded): true
        case .open, .stopped: false
        }
    }
}
