import ArgumentParser
import MeshPlanning
import Reporting

struct StateListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the objects that runs changed and no rollback undid.",
        discussion: """
            Each with the state of its latest write (done, written, in-doubt), its run and its time. The cluster is \
            not asked.

            EXAMPLES
              meshctl state list
              meshctl state list shop/
              meshctl state list peerauthentication -o json

            EXIT CODES
              0 done · 1 error · 64 usage
            """)

    @Argument(help: "Only objects with this in their name, such as deployment, shop/ or shop/cart.")
    var filter: String?

    @OptionGroup var choice: StateClusterOption
    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        var clusters = try choice.choose(from: StateReader(stateFile, context).clusters())
        if let filter = filter?.lowercased() {
            for index in clusters.indices {
                clusters[index].objects.removeAll { !$0.object.text.lowercased().contains(filter) }
            }
        }
        context.printReport(StateListReport(clusters), output)
    }
}

/// Of a state file with the runs of several clusters, one.
struct StateClusterOption: ParsableArguments {
    @Option(help: "Only this cluster, by the uid of its kube-system namespace.")
    var cluster: String?

    func choose(from clusters: [ClusterObjects]) throws -> [ClusterObjects] {
        guard let cluster else { return clusters }
        let chosen = clusters.filter { $0.clusterUID == cluster }
        guard chosen.isEmpty else { return chosen }
        let known = clusters.map { "  \($0.clusterUID)  \($0.server)" }
        throw CommandFailure(
            .failure,
            "the state file has no run on cluster \(cluster)"
                + (known.isEmpty ? "" : "\nIt has runs on:\n" + known.joined(separator: "\n")))
    }
}
