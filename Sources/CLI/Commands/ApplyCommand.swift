import ArgumentParser
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Carry the plan out, step by step, each journaled before it is written.",
        discussion: """
            Plans, shows the rollout, asks, and does it. Before each batch its gates are asked, and nothing \
            begins behind one that does not pass. Stopped in whatever way, the same command goes on where it \
            stopped; 'meshctl rollback' goes back. --yes answers no approval. Once a namespace is captured or \
            made stricter, refusals of traffic that is counted on are watched: too many of them relax the wave's \
            policies again (rollout.abortOn in the plan file).

            Before the first change the run's checkpoint is kept in the cluster (--state-namespace), so that any \
            machine can roll it back.

            The first Ctrl-C lets a write in flight finish; a second one ends at once, and leaves it to be read \
            back. An API server that does not answer is waited for (--max-outage).

            One run per cluster: a Lease in --state-namespace is held meanwhile. Where somebody else holds it and \
            is alive, apply ends with 6 and says who.

            EXAMPLES
              meshctl apply --stage permissive
              meshctl apply -f plans/home-cluster.yaml --stage strict --yes
              meshctl apply --wave canary          # this wave alone, through all stages
              meshctl apply --approve disruptive --wait 2h
              meshctl apply strict.plan            # exactly what 'plan --out strict.plan' showed
              meshctl apply --sandbox home-cluster -f plans/home-cluster.yaml --yes

            EXIT CODES
              0 done · 1 error before the first write · 3 stopped by a gate, an approval, a soak or a \
            confirmation that did not come, resumable · 4 required traffic was refused, and its policies were relaxed · \
            5 that could not be done wholly · 6 locked · 7 stale plan or wrong cluster · 9 blocked · 10 stopped part-way · 64 usage · 77 not permitted · \
            130 interrupted
            """)

    @Argument(help: "A plan saved by 'plan --out'.", completion: .file())
    var savedPlan: String?

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var flows: FlowOptions
    @OptionGroup var gates: GateOptions
    @OptionGroup var outage: OutageOptions

    @Option(help: "The last stage to reach: enroll, permissive or strict. (default: strict)")
    var stage: StageArgument?

    @OptionGroup var waves: WaveOptions

    @Flag(help: "Also delete what meshctl made in namespaces the plan no longer lists.")
    var prune = false

    @Flag(
        name: .customLong("no-auto-rollback"),
        help: "Only stop when required traffic is refused, and relax nothing.")
    var noAutoRollback = false

    @Flag(help: "Go ahead without asking.")
    var yes = false

    func validate() throws {
        let decides = !flows.ignoreFlow.isEmpty || !flows.acceptBreaking.isEmpty
        if savedPlan != nil,
            planFile.file != nil || stage != nil || prune || decides
                || !waves.names.isEmpty
        {
            throw ValidationError(
                "a saved plan brings its own plan file, stage, waves, --prune and flow options")
        }
    }

    func run() async throws {
        let context = try CommandContext.required()
        let saved = try savedPlan.map { try SavedPlan.read($0, context) }
        let file =
            try saved.map { try PlanFileSource.decode($0.source(), context) }
            ?? PlanFileSource.load(planFile.file, context)
        let planner = BoundPlanner(
            file: file,
            options: RolloutPlanner.Options(
                through: saved?.stage ?? stage?.stage ?? .strict,
                waves: try saved.map { $0.waves ?? [] } ?? waves.chosen(of: file.plan),
                prune: saved?.prune ?? prune,
                accepted: Set(saved.map { $0.accepted ?? [] } ?? flows.acceptBreaking),
                today: context.today, strictExpiry: flows.strictExpiry),
            ignoring: saved.map { $0.ignored ?? [] } ?? flows.ignoreFlow)
        _ = try gates.patience()
        let maxOutage = try outage.limit()
        try await ClusterConnection.with(cluster, context) { connection in
            try await RunSession.with(
                cluster, connection: connection, command: "apply", maxOutage: maxOutage, context
            ) { session in
                try saved?.check(clusterUID: session.clusterUID)
                let apply = ApplyRun(
                    session: session, planner: planner, saved: saved, gates: gates,
                    rollsBackByItself: !noAutoRollback, yes: yes, output: output)
                try await apply.run()
            }
        }
    }
}
