import ArgumentParser
import Diagnostics
import MeshModel
import MeshPlanning
import Reporting

/// `--wave`
struct WaveOptions: ParsableArguments {
    @Option(
        name: .customLong("wave"),
        help: ArgumentHelp(
            """
            Only the namespaces of this wave, through all stages; - for those without a wave. Mesh-wide \
            steps need all waves. Repeatable.
            """, valueName: "wave"))
    var names: [String] = []

    /// The waves to limit a rollout to, in the plan's order.
    func chosen(of plan: MeshPlan) throws -> [String] {
        let known = plan.waveNames
        for name in names where !known.contains(name) {
            let declared = known.filter { $0 != WaveLimit.unnamed }
            let near = Suggestion.nearest(to: name, among: declared)
            throw CommandFailure(
                .usage,
                TerminalText.sanitized("plan \(plan.name) has no wave '\(name)'")
                    + (near.map { "; did you mean \($0)?" } ?? "")
                    + (declared.isEmpty
                        ? "\nIt lists none under spec.rollout.waves."
                        : "\nIts waves are: \(declared.joined(separator: ", ")); "
                            + "- stands for the namespaces without one."))
        }
        return known.filter(names.contains)
    }
}
