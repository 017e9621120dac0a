import ArgumentParser
import Diagnostics
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each namespace's data plane, effective mode, and what enforces it.",
        discussion: """
            With a plan file, also the next step that it has for each namespace; without one, or where plans/ \
            does not hold exactly one, the status is told without. After 'meshctl observe' also the plaintext that it \
            has seen; that none was seen proves nothing, and the gates ask the proxies.

            EXAMPLES
              meshctl status
              meshctl status -n shop
              meshctl status -f plans/mine.yaml
              meshctl status -o json
              meshctl status --manifests cluster.yaml

            EXIT CODES
              0 done · 1 error · 64 usage · 77 not permitted · 130 interrupted
            """)

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var manifests: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: [.customShort("n"), .long],
        help: "Only this namespace; may be given several times. (default: all)")
    var namespace: [String] = []

    @Option(help: "The mesh's root namespace. (default: what the mesh configuration says)")
    var rootNamespace: String?

    func run() async throws {
        let context = try CommandContext.required()
        let file = PlanFileSource.ifUsable(planFile.file, context)
        let view = try await ClusterView.read(
            cluster: cluster, manifests: manifests,
            rootNamespace: rootNamespace ?? file?.plan.mesh.rootNamespace, context)
        context.noteDiagnostics(view.observation.diagnostics)
        let state = view.observation.state
        try checkNamespaces(in: state)
        let outlook = try file.map { file in
            try StatusOutlook(
                plan: file.plan.name,
                BoundPlanner(file: file, options: RolloutPlanner.Options())
                    .plan(
                        on: view.observation,
                        observed: view.observedFlows(cluster.stateFile, context)))
        }
        let only = namespace.isEmpty ? nil : Set(namespace)
        context.printReport(
            StatusReport(
                state, only: only, outlook: outlook,
                plaintext: PlaintextSeen(
                    try view.observations(cluster.stateFile, context),
                    try view.observedFlows(cluster.stateFile, context), only: only)), output)
    }

    private func checkNamespaces(in state: MeshState) throws {
        let known = state.namespaces.map(\.name)
        for name in namespace where !known.contains(name) {
            let hint =
                Suggestion.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            throw CommandFailure(
                .failure,
                TerminalText.sanitized("namespace \(name) is not in what was read\(hint)"))
        }
    }
}
