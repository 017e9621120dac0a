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
        var isOnLiveLine = false
        var lastWaiting: [StepID: String] = [:]
        var openRelaxations: Int
    }

    init(_ context: CommandContext, rollout: Rollout, startedAt: Timestamp) {
        self.context = context
        self.rollout = rollout
        self.startedAt = startedAt
        state = Mutex(State(openRelaxations: rollout.steps.count { $0.phase == .relax }))
    }

    func journaled(_ event: RunEvent, at time: Timestamp) {
        guard let line = ProgressLine(event, in: rollout)?.text else { return }
        state.withLock { state in
            clear(&state)
            context.note(line)
            if let phrase = relaxed(event, at: time, &state) { context.note(phrase) }
        }
    }

    func waiting(for step: Step, done: Int, total: Int, missing: String) {
        let line = ProgressLine.waiting(
            for: step, in: rollout, done: done, total: total, missing: missing
        ).text
        state.withLock { state in
            if context.errorIsTerminal {
                clear(&state)
                context.standardError.write(line)
                state.isOnLiveLine = true
            } else if state.lastWaiting[step.id] != line {
                context.note(line)
            }
            state.lastWaiting[step.id] = line
        }
    }

    func settling(after batch: Int, for duration: Duration) {
        state.withLock { state in
            clear(&state)
            context.note(ProgressLine.settling(for: duration).text)
        }
    }

    private func clear(_ state: inout State) {
        guard state.isOnLiveLine else { return }
        context.standardError.write("\r\u{1B}[K")
        state.isOnLiveLine = false
    }

    /// Said as soon as the last relaxing write is accepted, before anything is waited for.
    private func relaxed(_ event: RunEvent, at time: Timestamp, _ state: inout State) -> String? {
        guard case .stepWritten(let id, _) = event,
            rollout.steps.first(where: { $0.id == id })?.phase == .relax
        else { return nil }
        state.openRelaxations -= 1
        guard state.openRelaxations == 0 else { return nil }
        let tenths = (time - startedAt).wholeMilliseconds / 100
        return "relaxed in \(tenths / 10).\(tenths % 10) s"
    }
}
