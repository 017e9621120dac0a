import MeshModel
import MeshPlanning
import Reporting
import Timing

extension RunState {
    /// How a run that was executed ends its command: nil when all is done.
    ///
    /// - Parameter options: the command's cluster options, for the commands that the message names.
    func failure(options: String) -> CommandFailure? {
        let goOn = goOn(options)
        switch status {
        case .finished(.done):
            return nil
        case .finished(.incomplete):
            return incompleteRollback
        case .stopped(.interrupted):
            return CommandFailure(.interrupted, "stopped; \(inFlight)\n" + goOn)
        case .stopped(.unreachable(let since)):
            return CommandFailure(
                hasWritten ? .partial : .failure,
                "no answer from the API server since \(Timestamp(milliseconds: since).rfc3339)\n"
                    + "stopped; \(hasWritten ? inFlight : "nothing was changed")\n" + goOn)
        case .stopped(.lockLost(let who)):
            return stoppedForLock("the lock of the cluster is lost to \(who)", goOn)
        case .stopped(.stopRequested(let who, let why)):
            return stoppedForLock("asked to stop, \(why), by \(who)", goOn)
        case .stopped(.stepFailed(let id)):
            return stepFailure(id, goOn)
        case .stopped(.gate(let round)):
            return CommandFailure(.stopped, gateSentence(round) + goOn)
        case .stopped(.soaking(let end)):
            return CommandFailure(
                .stopped,
                "soaking until \(Timestamp(milliseconds: end).rfc3339); nothing is in flight\n"
                    + goOn)
        case .stopped(.guardTripped):
            return CommandFailure(
                .partial,
                "\(guardCause), and stays so until a person acts\n"
                    + "See what the guard saw with: meshctl show \(header.id)\n" + goOn)
        case .open, .stopped(.superseded):
            return CommandFailure(.failure, "run \(header.id) did not end")
        }
    }

    private func stoppedForLock(_ words: String, _ goOn: String) -> CommandFailure {
        CommandFailure(
            hasWritten ? .partial : .locked,
            TerminalText.sanitized("\(words); \(hasWritten ? inFlight : "nothing was changed")")
                + "\n" + goOn)
    }

    /// Every finding that stands in the way, with what to do about it.
    func gateLines(_ round: GateRound) -> [String] {
        (findings[round] ?? []).filter { !$0.letsPass }.flatMap { finding in
            [
                "\(finding.gate.rawValue) \(finding.verdict == .fail ? "fails" : "is inconclusive"): "
                    + "\(finding.subject): \(finding.reason)"
            ]
                + [finding.hint.map { "  \($0)" }, finding.command.map { "  $ \($0)" }]
                .compactMap(\.self)
        }.map { TerminalText.sanitized($0) }
    }

    private func gateSentence(_ round: GateRound) -> String {
        let place =
            round.moment == .before
            ? "stopped before batch \(round.batch), which was not begun"
            : "stopped after batch \(round.batch)"
        return ([place] + gateLines(round)).joined(separator: "\n") + "\n"
    }

    /// The steps of which nobody knows whether they were written.
    var inFlight: String {
        let doubtful = rollout.steps.filter {
            if case .inDoubt = steps[$0.id] { true } else { false }
        }
        guard !doubtful.isEmpty else { return "nothing is in flight" }
        let names = doubtful.map {
            "step \($0.id.number), \(TerminalText.sanitized($0.change.object.text))"
        }
        return "in doubt, and to be read back first: " + names.joined(separator: "; ")
    }

    /// Why the guard tripped.
    var guardCause: String { (guardReport ?? GuardReport(batch: 0)).cause }

    func goOn(_ options: String) -> String {
        let isApply = header.kind == .apply && hasWritten
        return "Go on with the same command."
            + (isApply ? "\nGo back with: meshctl rollback\(options)" : "")
    }

    private func stepFailure(_ id: StepID, _ goOn: String) -> CommandFailure {
        let object = TerminalText.sanitized(
            rollout.steps.first { $0.id == id }?.change.object.text ?? "?")
        let untouched = hasWritten ? "" : "; nothing was changed"
        if let detail = moved[id] {
            let next =
                header.kind == .apply
                ? "See what is left to do with: meshctl plan\nThe same apply plans it anew." : goOn
            return CommandFailure(
                hasWritten ? .partial : .failure,
                "step \(id.number), \(object): changed by somebody else since it was planned: "
                    + TerminalText.sanitized(detail) + untouched + "\n" + next)
        }
        // A step that is written and not confirmed keeps its state: its failure is only in the events.
        guard case .failed(let reason) = steps[id] else {
            let isWritten = if case .written = steps[id] { true } else { false }
            return isWritten
                ? CommandFailure(
                    .stopped,
                    "step \(id.number), \(object): written, but not confirmed in time\n"
                        + goOn)
                : CommandFailure(
                    hasWritten ? .partial : .failure,
                    "step \(id.number), \(object): the server could not be asked\n" + goOn)
        }
        switch reason {
        case .refused(let status, _, let message):
            let permission = status == 403 || status == 401
            return CommandFailure(
                hasWritten ? .partial : permission ? .notPermitted : .failure,
                "step \(id.number), \(object): refused: "
                    + "\(TerminalText.sanitized(message))\(untouched)\n" + goOn)
        case .moved(let message), .unreachable(let message), .unconfirmed(let message):
            return CommandFailure(
                hasWritten ? .partial : .failure,
                "step \(id.number), \(object): "
                    + "\(TerminalText.sanitized(message))\(untouched)\n" + goOn)
        }
    }
}
