import ArgumentParser
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
        let runs = try StateReader(stateFile, context).runs()
        context.printReport(HistoryReport(newestFirst: runs), output)
    }
}
