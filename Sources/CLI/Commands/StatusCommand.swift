import ArgumentParser
import MeshCluster
import Reporting

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each namespace's data plane, effective mode, and what enforces it.",
        discussion: """
            EXAMPLES
              meshctl status
              meshctl status -o json
              meshctl status --manifests cluster.yaml

            EXIT CODES
              0 done · 1 error · 64 usage · 77 not permitted
            """)

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var manifests: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The mesh's root namespace. (default: what the mesh configuration says)")
    var rootNamespace: String?

    func run() async throws {
        let context = try CommandContext.required()
        let view = try await ClusterView.read(
            cluster: cluster, manifests: manifests, rootNamespace: rootNamespace, context)
        context.noteDiagnostics(view.observation.diagnostics)
        context.printReport(StatusReport(view.observation.state), output)
    }
}
