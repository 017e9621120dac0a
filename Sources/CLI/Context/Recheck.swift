import MeshApply
import MeshModel
import MeshPlanning
import Reporting

/// Asks the gates that ended a run once more, when the run is undone: has the cause gone? It tells, and
/// decides nothing.
struct Recheck {
    let keeper: GateKeeper
    let context: CommandContext

    /// - Parameter run: as it stood before it was undone.
    func tell(of run: RunState) async {
        let closed = run.closedGates
        guard !closed.isEmpty else { return }
        let again = closed.filter(\.question.outlivesItsSteps)
        let found = Dictionary(
            grouping: again.isEmpty ? [] : await keeper.ask(again), by: \.gate)
        var lines = again.map(\.question.gate).uniqued.flatMap { gate in
            Self.lines(of: gate, found[gate] ?? [])
        }
        let others = closed.filter { !$0.question.outlivesItsSteps }.map(\.question.gate).uniqued
        if !others.isEmpty {
            lines.append(
                "not asked again, being about steps that are undone: "
                    + others.map(\.rawValue).joined(separator: ", "))
        }
        context.note("\nWhat stopped run \(run.header.id), now:")
        for line in lines { context.note("  " + TerminalText.sanitized(line)) }
    }

    private static func lines(of gate: Gate, _ found: [GateFinding]) -> [String] {
        if found.letPass { return ["\(gate.rawValue) passes now"] }
        return found.filter { !$0.letsPass }.map {
            "\(gate.rawValue) \($0.verdict == .fail ? "still fails" : "is inconclusive"): "
                + "\($0.subject): \($0.reason)"
        }
    }
}

extension [Gate] {
    /// Each once, in order.
    fileprivate var uniqued: [Gate] {
        var seen: Set<Gate> = []
        return filter { seen.insert($0).inserted }
    }
}
