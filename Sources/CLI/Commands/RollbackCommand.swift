import ArgumentParser
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to what was before the newest run, relaxing policies first.",
        discussion: """
            Needs no plan file. It is a rollout of its own, planned from the cluster as it is: policies are \
            relaxed at once, then data planes are restored, then what the run made is removed, then what was \
            tight before is tightened. Objects that somebody else changed since are shown and left alone.

            Runs that other machines made are known from their checkpoints in the cluster (--state-namespace).

            Relaxing waits for nothing. What comes after it stands behind gates, judged as the plan that was \
            applied says: behind one that does not let it pass it is left as it is and named (exit 3), all else \
            is done, and the same command goes on later. Nobody is asked for approval. With -f, doubts that \
            this plan file accepts count too.

            EXAMPLES
              meshctl rollback                     # the newest run
              meshctl rollback --yes --policies-only
              meshctl rollback --run 20261121-013739-k3f9
              meshctl rollback --to-stage permissive

            EXIT CODES
              0 done, or nothing to roll back · 1 error before the first write · 3 a gate left something \
            undone: the same command goes on · 5 incomplete: a person is needed · 6 locked · 7 wrong cluster · \
            10 the API server was lost, resumable · 64 usage · 77 not permitted · 130 interrupted
            """)

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var outage: OutageOptions

    @Option(help: "The run to undo, as 'meshctl history' names it. (default: the newest)")
    var run: String?

    @Option(help: "Go back only to the end of this stage: enroll or permissive.")
    var toStage: StageArgument?

    @Flag(help: "Only relax policies; leave data planes and all else as they are.")
    var policiesOnly = false

    @Flag(
        help:
            "Also undo later runs that touched the same objects, newest first. As JSON or YAML a RollbackList."
    )
    var cascade = false

    @Flag(help: "Restore objects although somebody else changed them since.")
    var overwrite = false

    @Flag(help: "Go ahead without asking.")
    var yes = false

    func validate() throws {
        if toStage == .strict { throw ValidationError("--to-stage takes enroll or permissive") }
        if cascade, output.isForPrograms, !yes {
            throw ValidationError(
                "--cascade -o \(output.output.rawValue) prints one document at the end: it needs --yes"
            )
        }
    }

    func run() async throws {
        let context = try CommandContext.required()
        let plan = try planFile.file.map { try PlanFileSource.load($0, context).plan }
        let maxOutage = try outage.limit()
        try await ClusterConnection.with(cluster, context) { connection in
            let session = try await RunSession.open(
                cluster, connection: connection, command: "rollback", maxOutage: maxOutage, context)
            let rollback = RollbackRun(
                session: session,
                options: RollbackPlanner.Options(
                    toStage: toStage?.stage, policiesOnly: policiesOnly, overwrite: overwrite),
                accepted: plan?.gates.accepted ?? [], yes: yes, output: output)
            try await rollback.run(
                named: run.map { RunID($0) }, plan: plan?.name, cascade: cascade)
        }
    }
}
