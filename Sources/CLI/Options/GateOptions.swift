import ArgumentParser
import MeshApply
import MeshModel
import MeshPlanning
import Reporting

/// How a run deals with gates and soaks.
struct GateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait for the end of a soak that is at most this far off; else stop, to be gone on with later.",
            valueName: "duration"))
    var wait = "30m"

    @Option(
        help: ArgumentHelp(
            "Approve what the plan asks a person for, by its name. Repeatable.", valueName: "name"))
    var approve: [String] = []

    func patience() throws -> Duration {
        guard let duration = ClusterOptions.duration(wait) else {
            throw CommandFailure(.usage, "--wait: '\(wait)' is no duration; write 30m or 2h")
        }
        return duration
    }
}

/// What a run's gates are judged by.
struct GateTerms {
    var terms = GateKeeper.Terms()
    /// A soak that has longer to go is not waited for.
    var patience = Duration.zero
}

extension GateOptions {
    /// - Parameter planner: whose flows are counted on.
    func terms(
        _ planner: BoundPlanner, observed: [ObservedFlow], _ context: CommandContext
    ) throws -> GateTerms {
        let plan = planner.file.plan
        let names = Set(approve)
        return GateTerms(
            terms: GateKeeper.Terms(
                rootNamespace: plan.mesh.rootNamespace, accepted: plan.gates.accepted,
                acceptedFlows: planner.options.accepted,
                flows: { planner.flows(in: $0, observed: observed) }, observed: observed,
                approve: { asked in
                    if names.contains(asked.name) { return .given(by: context.person) }
                    guard context.isInteractive else { return .nobody }
                    context.standardError.write(
                        "\(TerminalText.sanitized(asked.why))\nApprove \(asked.name)? Only 'yes' is accepted: "
                    )
                    return context.readLine() == "yes" ? .given(by: context.person) : .refused
                }),
            patience: try patience())
    }
}
