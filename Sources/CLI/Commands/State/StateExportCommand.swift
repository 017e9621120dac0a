import ArgumentParser
import Journal

struct StateExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Write the whole state file as text: JSON Lines, for a backup or another machine.",
        discussion: """
            The same contents give the same text. The last line counts the others, so that a text that was cut \
            short is known.

            EXAMPLES
              meshctl state export --out backup.jsonl
              meshctl state export | gzip > backup.jsonl.gz

            EXIT CODES
              0 done · 1 error · 64 usage
            """)

    @Option(
        help: "The file to write, for its owner alone. (default: standard output)",
        completion: .file())
    var out: String?

    @OptionGroup var stateFile: StateOptions

    func run() async throws {
        let context = try CommandContext.required()
        let journal = try JournalStore.open(path: stateFile.path(context), readOnly: true)
        let version = MeshctlRoot.configuration.version
        if let out {
            try PrivateFile.write(to: context.resolve(out), named: out) { write in
                try journal.exportState(meshctl: version, to: write)
            }
        } else {
            try journal.exportState(meshctl: version) { context.standardOutput.write($0) }
        }
        if let reason = context.standardOutput.failure {
            throw CommandFailure(.failure, "cannot write to standard output: \(reason)")
        }
    }
}
