import ArgumentParser

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "What meshctl remembers, and who works with it.",
        subcommands: [StateLockCommand.self, StateUnlockCommand.self])
}
