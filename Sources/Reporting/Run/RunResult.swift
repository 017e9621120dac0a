package import MeshPlanning
package import Timing

/// A run with the time at which it started.
package struct RecordedRun: Sendable, Equatable {
    package var state: RunState
    package var startedAt: Timestamp

    package init(_ state: RunState, startedAt: Timestamp) {
        self.state = state
        self.startedAt = startedAt
    }
}

/// How a run stands, its rollbacks taken into account.
package struct RunResult: Encodable, Sendable, Hashable {
    /// `open`, `stopped`, `done` or `incomplete`.
    package var state: String
    /// Why it stopped: `step-failed`, `interrupted`, `gate`, `soaking`, `guard`, `unreachable`,
    /// `lock-lost`, `stop-requested`, `superseded`.
    @OrNull package var reason: String?
    /// `no`, `partly` or `wholly`.
    package var rolledBack: String
    /// All of it, in words.
    package var text: String

    /// - Parameter rollbacks: the runs that aim at this one, newest first.
    init(of run: RunState, rollbacks: [RunState]) {
        var text: String
        switch run.status {
        case .open:
            state = "open"
            text = run.isPulled ? "open elsewhere" : "open"
        case .stopped(let reason):
            state = "stopped"
            _reason = OrNull(wrappedValue: reason.name)
            text = "stopped: \(reason.text)"
        case .finished(.done):
            state = "done"
            text = "done"
        case .finished(.incomplete):
            state = "incomplete"
            text = "incomplete: some objects left as they are"
        }
        let history = RunHistory(newestFirst: rollbacks + [run])
        if run.hasWritten, run.header.kind == .apply, !history.canBeRolledBack(run) {
            rolledBack = "wholly"
            text = "rolled back"
        } else if rollbacks.contains(where: \.hasWritten) {
            rolledBack = "partly"
            text += ", partly rolled back"
        } else {
            rolledBack = "no"
        }
        self.text = text
    }

    var style: TextStyle {
        switch (state, rolledBack) {
        case (_, "partly"), ("open", _), ("incomplete", _): .yellow
        case ("stopped", "no"): .red
        case ("done", "no"): .green
        default: .plain
        }
    }
}

extension StopReason {
    /// The closed set of names in JSON.
    fileprivate var name: String {
        switch self {
        case .stepFailed: "step-failed"
        case .interrupted: "interrupted"
        case .gate: "gate"
        case .soaking: "soaking"
        case .guardTripped: "guard"
        case .unreachable: "unreachable"
        case .lockLost: "lock-lost"
        case .stopRequested: "stop-requested"
        case .superseded: "superseded"
        }
    }
}

extension RunState {
    /// Of a run that is known from its checkpoint alone, only that it came to its end is known of its steps.
    var doneSteps: Int {
        isPulled && status == .finished(.done)
            ? rollout.steps.count : rollout.steps.count { isDone($0.id) }
    }
}
