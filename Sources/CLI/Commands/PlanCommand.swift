import ArgumentParser
import Diagnostics
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would change, in which order, stage by stage.",
        discussion: """
            Reads the plan file and the cluster and changes nothing.

            EXAMPLES
              meshctl plan
              meshctl plan -f plans/home-cluster.yaml --context home
              meshctl plan --stage permissive -o json
              meshctl plan --wave canary           # this wave alone, through all stages
              meshctl plan --out strict.plan && meshctl apply strict.plan
              kubectl get ns,pods,deploy,rs,peerauthentication -A -o yaml | meshctl plan --manifests -
              meshctl plan --ignore-flow 'external->default/service/old:80'
              meshctl plan --detailed-exitcode     # 0 nothing to do, 2 changes, 9 blocked

            EXIT CODES
              0 done · 1 error · 2 changes (--detailed-exitcode) · 9 blocked · 64 usage · 77 not permitted · 130 interrupted
            """)

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var manifests: ManifestOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var flows: FlowOptions

    @Option(help: "The last stage to plan for: enroll, permissive or strict.")
    var stage: StageArgument = .strict

    @OptionGroup var waves: WaveOptions

    @Flag(help: "Also delete what meshctl made in namespaces the plan no longer lists.")
    var prune = false

    @Option(help: "Write the plan to this file, for 'meshctl apply FILE'.", completion: .file())
    var out: String?

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    func validate() throws {
        if out != nil, !manifests.manifests.isEmpty {
            throw ValidationError("--out binds a plan to a cluster, and --manifests reads none")
        }
    }

    func run() async throws {
        let context = try CommandContext.required()
        let file = try PlanFileSource.load(planFile.file, context)
        let chosen = try waves.chosen(of: file.plan)
        let view = try await ClusterView.read(
            cluster: cluster, manifests: manifests,
            rootNamespace: file.plan.mesh.rootNamespace, context)
        let planner = BoundPlanner(
            file: file,
            options: RolloutPlanner.Options(
                through: stage.stage, waves: chosen, prune: prune,
                accepted: Set(flows.acceptBreaking),
                today: context.today, strictExpiry: flows.strictExpiry),
            ignoring: flows.ignoreFlow)
        let planned = planner.plan(
            on: view.observation, observed: try view.observedFlows(cluster.stateFile, context))
        let report = RolloutReport(
            planned, plan: file.plan.name, server: view.name, through: stage.stage,
            waves: chosen)
        context.printReport(report, output)
        if planned.isBlocked { throw CommandFailure(.blocked) }
        if let out {
            try SavedPlan(
                planner, rollout: planned.rollout,
                clusterUID: view.observation.state.clusterUID, context
            ).write(to: out, context)
            context.note("Saved. Apply exactly this with: meshctl apply \(out)")
        }
        if detailedExitcode, !planned.rollout.steps.isEmpty {
            throw CommandFailure(.changesPlanned)
        }
    }
}
