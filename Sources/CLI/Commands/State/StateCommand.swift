import ArgumentParser

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "What meshctl remembers: the state file, and the checkpoints in the cluster.",
        subcommands: [StatePullCommand.self])
}
