import MeshApply
import MeshModel
import MeshPlanning
import Reporting
import Synchronization
import Timing

/// Tells on standard error what a run does: a line per event, and on a terminal one line that is
/// rewritten while something is waited for.
final class ProgressReporter: RunObserver {
    private let context: CommandContext
    private let rollout: Rollout
    private let startedAt: Timestamp
    private let state: Mutex<State>

    private struct State {
        var line: LiveLine
        var lastWaiting: [StepID: String] = [:]
        /// Policies that this process is to relax, and those of them that are not written, nor given up.
        var relaxations: Int
        var openRelaxations: Int
        var failedRelaxations = 0
        /// When it was last said that the server is away, and whether nothing was said since.
        var toldAway: Timestamp?
        var isAway = false
    }

    /// Between two lines that say that the server is still away.
    private static let awayInterval = Duration.seconds(60)

    /// - Parameter run: nil for what comes before a run.
    init(_ context: CommandContext, run: RunState? = nil) {
        self.context = context
        let rollout = run?.rollout ?? Rollout()
        self.rollout = rollout
        startedAt = context.clock.now()
        let relaxations = rollout.steps.count { step in
            guard step.phase == .relax else { return false }
            return switch run?.steps[step.id] {
            case .pending, .inDoubt: true
            default: false
            }
        }
        state = Mutex(
            State(
                line: LiveLine(context), relaxations: relaxations, openRelaxations: relaxations))
    }

    func journaled(_ event: RunEvent, at _: Timestamp) {
        state.withLock { state in
            state.line.clear()
            if isWorthALine(event) { context.note(ProgressLine(event, in: rollout).text) }
            if let phrase = relaxed(event, &state) { context.note(phrase) }
        }
    }

    func waiting(for step: Step, done: Int, total: Int, missing: String) {
        let line = ProgressLine.waiting(
            step.id, of: rollout, done: done, total: total, missing: missing
        ).text
        state.withLock { state in
            if context.errorIsTerminal {
                state.line.show(line)
            } else if state.lastWaiting[step.id] != line {
                context.note(line)
            }
            state.lastWaiting[step.id] = line
        }
    }

    func settling(after batch: Int, for duration: Duration) {
        state.withLock { state in
            state.line.clear()
            context.note(ProgressLine.settling(duration).text)
        }
    }

    func asking(_ round: GateRound, _ gates: [Gate]) {
        live(ProgressLine.asking(round, gates).text)
    }

    func soaking(_ soak: Soak, until end: Timestamp) {
        live(ProgressLine.soaking(soak, until: end).text)
    }

    func serverAway(since: Timestamp, now: Timestamp, until end: Timestamp, why: String) {
        let isNews = state.withLock { state in
            if let told = state.toldAway, now - told < Self.awayInterval { return false }
            state.line.clear()
            context.note(ProgressLine.away(since: since, left: end - now, why: why).text)
            state.toldAway = now
            state.isAway = true
            return true
        }
        if !isNews { live(ProgressLine.stillAway(left: end - now).text) }
    }

    func serverBack(after duration: Duration) {
        state.withLock { state in
            state.line.clear()
            guard state.isAway else { return }
            state.isAway = false
            context.note(ProgressLine.back(after: duration).text)
        }
    }

    func stopping() {
        state.withLock { state in
            state.line.clear()
            context.note(ProgressLine.stopping.text)
        }
    }

    private func live(_ line: String) { state.withLock { $0.line.show(line) } }

    /// What a step's confirmation, or the command's own last words, say anyway is left out.
    private func isWorthALine(_ event: RunEvent) -> Bool {
        switch event {
        case .stepWritten(_, let receipt): receipt.foundByReadingBack
        case .resumed, .pulled, .settled, .soaked, .guardStarted, .stopped, .finished: false
        case .guardReported(let report): report.isWorthTelling
        case .started, .stepIntended, .stepFoundDone, .stepConfirmed, .stepFailed, .gatesAsked,
            .soakStarted:
            true
        }
    }

    /// In the time of the person, not of a sandbox. Said as soon as the last relaxing write is answered, before anything is waited for.
    private func relaxed(_ event: RunEvent, _ state: inout State) -> String? {
        guard let (id, isDone) = event.endOfWrite,
            rollout.steps.first(where: { $0.id == id })?.phase == .relax
        else { return nil }
        state.openRelaxations -= 1
        if !isDone { state.failedRelaxations += 1 }
        guard state.openRelaxations == 0, state.failedRelaxations < state.relaxations else {
            return nil
        }
        let tenths = (context.clock.now() - startedAt).wholeMilliseconds / 100
        let done = state.relaxations - state.failedRelaxations
        let part = state.failedRelaxations == 0 ? "\(done)" : "\(done) of \(state.relaxations)"
        return "relaxed \(part) \(state.relaxations == 1 ? "policy" : "policies") "
            + "in \(tenths / 10).\(tenths % 10) s"
    }
}

extension RunEvent {
    /// The step whose write has an answer by this, and whether its object is now as wanted.
    fileprivate var endOfWrite: (StepID, isDone: Bool)? {
        switch self {
        case .stepWritten(let id, _), .stepFoundDone(let id): (id, true)
        case .stepFailed(_, .unconfirmed): nil
        case .stepFailed(let id, _): (id, false)
        default: nil
        }
    }
}
