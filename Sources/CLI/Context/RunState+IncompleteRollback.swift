import MeshModel
import MeshPlanning
import Reporting

extension RunState {
    /// How a rollback ends its command that left something as it is. Where gates alone are the reason, nobody
    /// has to decide anything: the same command goes on once they let it pass.
    var incompleteRollback: CommandFailure {
        let closed = closedRounds
        guard !closed.isEmpty else {
            return CommandFailure(
                .rollbackIncomplete,
                "rollback \(header.id) is incomplete: what is named above was left as it is\n"
                    + "Look at it with: meshctl show \(header.id)")
        }
        let undone = rollout.steps.filter { !isDone($0.id) }
        let isForGatesAlone =
            header.leftAlone.isEmpty && undone.allSatisfy { steps[$0.id] == .pending }
        let lines =
            ["rollback \(header.id) stopped short of its end: gates did not let all of it pass"]
            + closed.flatMap(gateLines)
            + ["not done yet:"]
            + undone.map {
                "  step \($0.id.number), \($0.phase.rawValue) \($0.change.object.text)"
            }
            .map { TerminalText.sanitized($0) }
        return CommandFailure(
            isForGatesAlone ? .stopped : .rollbackIncomplete,
            lines.joined(separator: "\n") + "\nGo on with the same command, once that is mended.")
    }

    /// Where gates stand before steps that are not done, and did not let them pass.
    private var closedRounds: [GateRound] {
        let undone = Set(rollout.steps.filter { !isDone($0.id) }.map(\.batch))
        return findings.filter {
            $0.key.moment == .before && undone.contains($0.key.batch) && !$0.value.letPass
        }.keys.sorted { $0.batch < $1.batch }
    }
}
