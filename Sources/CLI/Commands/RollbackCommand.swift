import ArgumentParser
import Journal
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

            An apply that is under way on this cluster is asked to stop; one that is gone or does not answer is \
            taken over from, after 15 s.

            EXAMPLES
              meshctl rollback                     # the newest run
              meshctl rollback --yes --policies-only
              meshctl rollback --run 20261121-013739-k3f9
              meshctl rollback --to-stage permissive
              meshctl rollback --emergency         # everything is on fire: no plan, no history, no gates
              meshctl rollback --emergency --unenroll --yes

            --emergency goes by what the cluster shows alone. Every policy of meshctl that is STRICT, port rules \
            included, becomes PERMISSIVE, and where one of meshctl's inherits STRICT from a policy that is not, it \
            says PERMISSIVE itself. Nothing is waited for. What others made is not changed, and told. Without \
            istiod, whose webhook then refuses policies, those are deleted whose absence relaxes. --unenroll then \
            takes the ambient label off the namespaces that meshctl put it on, servers first, which needs no \
            istiod; sidecars stay, since pods would have to restart. A state file that cannot be used does not \
            stop it. 'meshctl rollback' afterwards goes back to what was before.

            EXIT CODES
              0 done, or nothing to roll back · 1 error before the first write · 3 a gate left something \
            undone: the same command goes on · 5 incomplete: a person is needed · 6 locked · 7 wrong cluster · \
            10 the API server or the lock was lost, resumable · 64 usage · 77 not permitted · 130 interrupted
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

    @Flag(
        help:
            "Relax whatever the cluster shows that meshctl made STRICT, without a journal. As JSON or YAML a RollbackList."
    )
    var emergency = false

    @Flag(help: "With --emergency: take the ambient label off as well where meshctl put it.")
    var unenroll = false

    @Flag(help: "Go ahead without asking.")
    var yes = false

    func validate() throws {
        if toStage == .strict { throw ValidationError("--to-stage takes enroll or permissive") }
        if cascade || emergency, output.isForPrograms, !yes {
            throw ValidationError(
                "\(cascade ? "--cascade" : "--emergency") -o \(output.output.rawValue) prints one "
                    + "document at the end: it needs --yes")
        }
        if unenroll, !emergency { throw ValidationError("--unenroll goes with --emergency") }
        let named: String? = run
        let others: [(String, Bool)] = [
            ("--run", named != nil), ("--to-stage", toStage != nil), ("--cascade", cascade),
            ("--policies-only", policiesOnly), ("--overwrite", overwrite),
            ("--file", planFile.file != nil),
        ]
        if emergency, let other = others.first(where: { $0.1 }) {
            throw ValidationError(
                "\(other.0) does not go with --emergency, which undoes no single run")
        }
    }

    /// What can be done without a state file.
    private var withoutHistory: String {
        "To open all that meshctl made STRICT without it: "
            + "meshctl rollback --emergency\(cluster.asGiven)"
    }

    func run() async throws {
        let context = try CommandContext.required()
        let plan = try planFile.file.map { try PlanFileSource.load($0, context).plan }
        let maxOutage = try outage.limit()
        if emergency {
            let options = EmergencyRun.Options(unenroll: unenroll, yes: yes, output: output)
            return try await ClusterConnection.with(cluster, context) { connection in
                try await EmergencyRun.run(
                    options, cluster, connection: connection, maxOutage: maxOutage, context)
            }
        }
        try await ClusterConnection.with(cluster, context) { connection in
            do {
                try await RunSession.with(
                    cluster, connection: connection, command: "rollback", maxOutage: maxOutage,
                    context
                ) { session in
                    let rollback = RollbackRun(
                        session: session,
                        options: RollbackPlanner.Options(
                            toStage: toStage?.stage, policiesOnly: policiesOnly,
                            overwrite: overwrite),
                        accepted: plan?.gates.accepted ?? [], yes: yes, output: output)
                    try await rollback.run(
                        named: run.map { RunID($0) }, plan: plan?.name, cascade: cascade)
                }
            } catch let error as JournalError {
                let failure = ErrorConversion.failure(for: error)
                throw CommandFailure(failure.status, failure.message + "\n" + withoutHistory)
            }
        }
    }
}
