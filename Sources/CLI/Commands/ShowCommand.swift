import ArgumentParser
import MeshPlanning
import Reporting

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run: its steps, what was seen, and how it ended.",
        discussion: """
            EXAMPLES
              meshctl show 20261121-013739-k3f9
              meshctl show 20261121-013739-k3f9 -o json

            EXIT CODES
              0 done · 1 no such run, or an error · 64 usage
            """)

    @Argument(help: "The run, as 'meshctl history' names it.")
    var run: String

    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let reader = try StateReader(stateFile, context)
        let id = RunID(run)
        let runs = try reader.runs()
        guard let found = runs.first(where: { $0.state.header.id == id }) else {
            throw CommandFailure(
                .failure, "there is no run \(run)\nList the runs with: meshctl history")
        }
        let rollbacks = RunHistory(newestFirst: runs.map(\.state)).rollbacks(of: id)
            .map(\.header.id)
        context.printReport(
            RunReport(
                found.state, events: try reader.events(of: id),
                rollbacks: runs.filter { rollbacks.contains($0.state.header.id) }),
            output)
    }
}
