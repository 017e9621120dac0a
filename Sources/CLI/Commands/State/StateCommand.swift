import ArgumentParser

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "What meshctl remembers, whether it is sound, and who works with it.",
        discussion: """
            The state file holds every run with its steps, what was before each, and who was seen calling whom. \
            Nothing in it is a credential.

            EXAMPLES
              meshctl state list                       # objects that runs changed and no rollback undid
              meshctl state show PeerAuthentication shop/default
              meshctl state check                      # is the file sound, and who works on it
              meshctl state export --out backup.jsonl  # everything, as text
              meshctl state import backup.jsonl        # add what is not there
              meshctl state pull                       # learn of the runs of other machines
              meshctl state lock                       # who works on the cluster
            """,
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateCheckCommand.self,
            StateExportCommand.self, StateImportCommand.self, StatePullCommand.self,
            StateLockCommand.self, StateUnlockCommand.self,
        ])
}
