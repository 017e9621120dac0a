import ArgumentParser

struct MeshctlRoot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshctl",
        abstract: "Take a Kubernetes cluster with Istio to STRICT mTLS, step by step, and back.",
        discussion: """
            Write the desired mesh in plans/*.yaml; meshctl compares it with the cluster, puts the steps into \
            a safe order, applies and journals them, and rolls back.

            EXAMPLES
              meshctl demo                          # the tour, on an embedded cluster
              meshctl plan                          # what would change, in which order
              meshctl apply --stage permissive      # up to and including that stage
              meshctl rollback                      # back to what was
            """,
        version: "0.1.0",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "The job",
                subcommands: [PlanCommand.self, ApplyCommand.self, RollbackCommand.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    CheckCommand.self, StatusCommand.self, ObserveCommand.self,
                    ExplainCommand.self, ValidateCommand.self,
                    HistoryCommand.self, ShowCommand.self, StateCommand.self,
                ]),
            CommandGroup(
                name: "Trying and setting up",
                subcommands: [
                    DemoCommand.self, SandboxCommand.self, SchemaCommand.self,
                    CompletionCommand.self,
                ]),
        ])
}
