import ArgumentParser
import Journal
import MeshPlanning
import Reporting

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the runs in the state file, newest first.",
        discussion: """
            EXAMPLES
              meshctl history
              meshctl history -o json --state /var/lib/meshctl/prod.db

            EXIT CODES
              0 done · 1 error · 64 usage
            """)

    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let entries = try StateReader.runs(stateFile, context)
        context.printReport(HistoryReport(entries), output)
    }
}

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
        let entries = try StateReader.runs(stateFile, context)
        guard let entry = entries.first(where: { $0.state.header.id == RunID(run) }) else {
            throw CommandFailure(
                .failure, "there is no run \(run)\nList the runs with: meshctl history")
        }
        context.printReport(
            RunReport(entry, rollbacks: entries.filter { $0.state.header.target == RunID(run) }),
            output)
    }
}

/// Reads the journal for commands that only show it; a state file that is not there has no runs.
enum StateReader {
    static func runs(_ options: StateOptions, _ context: CommandContext) throws -> [RecordedRun] {
        let journal: JournalStore
        do throws(JournalError) {
            journal = try JournalStore.open(path: options.path(context), readOnly: true)
        } catch .missing {
            return []
        }
        return try journal.runs().compactMap { summary in
            let events = try journal.events(of: summary.header.id)
            guard let state = RunState(replaying: events.map(\.event)) else { return nil }
            return RecordedRun(state: state, events: events.map { ($0.time, $0.event) })
        }
    }
}
