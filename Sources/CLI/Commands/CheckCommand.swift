import ArgumentParser
import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the gates, and change nothing.",
        discussion: """
            Asks everything that a rollout rests on, as 'apply' would before its steps: of the namespaces in \
            the mesh, and of those that the plan file brings in. ✓ passes, × fails, ? cannot be judged, \
            ‼ cannot be judged and is accepted in the plan file. 'docs/gates.md' explains each gate.

            EXAMPLES
              meshctl check
              meshctl check -f plans/home-cluster.yaml --wait 2m
              meshctl check --category ztunnel-ready --category ztunnel-logs
              meshctl check -o junit > gates.xml

            EXIT CODES
              0 all pass · 1 error · 3 not all pass · 64 usage · 77 not permitted · 130 interrupted
            """)

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions

    @Option(name: .shortAndLong, help: "Output format: text, json, yaml, markdown or junit.")
    var output: CheckFormat = .text

    @Option(help: "Colour the output: auto, always or never.")
    var color: OutputOptions.ColorChoice = .auto

    @Option(
        help: ArgumentHelp(
            "Only this gate; may be given several times. (default: all)", valueName: "gate"),
        completion: .list(Gate.allCases.map(\.rawValue)))
    var category: [GateArgument] = []

    @Option(
        help: ArgumentHelp(
            "Ask again until all pass, for at most this long.", valueName: "duration"))
    var wait = "0s"

    func run() async throws {
        let context = try CommandContext.required()
        guard let patience = ClusterOptions.duration(wait) else {
            throw CommandFailure(.usage, "--wait: '\(wait)' is no duration; write 30s or 2m")
        }
        // A pass without the gates of a plan that was named would say too much.
        let file =
            try planFile.file.map { try PlanFileSource.load($0, context) }
            ?? PlanFileSource.ifUsable(nil, context)
        let report = try await ClusterConnection.with(cluster, context) { connection in
            let asking = GateRounds(
                connection: connection, plan: file?.plan, only: Set(category.map(\.gate)),
                stateFile: cluster.stateFile, context: context)
            return CheckReport(try await asking.ask(for: patience), server: connection.name)
        }
        context.print(
            output.rendered(report, color: OutputOptions.colors(color, context)))
        if !report.passed { throw CommandFailure(.stopped) }
    }
}

/// A gate by its name.
struct GateArgument: ExpressibleByArgument {
    let gate: Gate

    init?(argument: String) {
        guard let gate = Gate(rawValue: argument) else { return nil }
        self.gate = gate
    }

    static var allValueStrings: [String] { Gate.allCases.map(\.rawValue) }
}

enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml, markdown, junit

    func rendered(_ report: CheckReport, color: Bool) -> String {
        guard let format = ReportFormat(rawValue: rawValue) else { return report.junit }
        return report.rendered(as: format, color: color)
    }
}
