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
        /// A rollback goes on, past gates that do not let it pass too: every object that can be brought back
        /// is, but for those that rest on a step that is not done (`Step.rests`).
        case goOn
    }

    /// Where a step in hand stands.
    enum Progress: Equatable {
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

    package internal(set) var state: RunState
    let failurePolicy: FailurePolicy
    /// What the restart annotation will say: the time at which this process took up the run.
    let now: Timestamp
    let batches: [[Step]]
    let steps: [StepID: Step]
    let gates: [GateRound: [GateCheck]]
    let soaks: [Int: Soak]
    let guards: [Int: TrafficGuard]
    var batch = 0
    var waiting: [Step] = []
    var inHand: [StepID: Progress] = [:]
    var attempts: [StepID: Int] = [:]
    /// What the batch as a whole waits for; nil while it waits for nothing, or for its steps.
    var wait: BatchWait?
    /// Gates that this process has asked: the health of a cluster is asked anew when a run goes on.
    var asked: Set<GateRound> = []
    /// Batches after which this process has looked for refusals.
    var looked: Set<Int> = []
    var stopReason: StopReason?
    var isClosing = false

    /// A write whose resourceVersion keeps moving, or whose answer keeps getting lost, is tried this often.
    package static let attemptLimit = 5

    package init(state: RunState, failurePolicy: FailurePolicy, now: Timestamp) {
        self.state = state
        self.failurePolicy = failurePolicy
        self.now = now
        batches = state.rollout.batches
        gates = state.rollout.gatesByRound
        soaks = Dictionary(
            state.rollout.soaks.map { ($0.batch, $0) }, uniquingKeysWith: { first, _ in first })
        guards = Dictionary(
            state.rollout.guards.map { ($0.batch, $0) }, uniquingKeysWith: { first, _ in first })
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
        case .writeInDoubt(let id, let message, let isOutage):
            writeInDoubt(id, message, isOutage: isOutage)
        case .confirmed(let id, let evidence): confirmed(id, evidence)
        case .unconfirmed(let id, let missing): unconfirmed(id, missing)
        case .settleElapsed(let number): waited(.settling(number), .settled(batch: number))
        case .gatesFound(let round, let found):
            waited(.gates(round), .gatesAsked(round, found))
        case .soakBegan(let number, let time):
            waited(.soak(number), .soakStarted(batch: number, at: time.milliseconds))
        case .soakElapsed(let number): waited(.soak(number), .soaked(batch: number))
        case .guardLooked(let number, let look):
            waited(.guardBase(number), .guardStarted(batch: number, look))
        case .guardFound(let report): guardFound(report)
        case .soakIsLong(let number, let time): soakIsLong(number, until: time)
        case .stopRequested: stop(.interrupted)
        case .lockEnded(let end, let id): lockEnded(end, notSent: id)
        case .serverLost(let time): stop(.unreachable(since: time.milliseconds))
        }
    }
}
