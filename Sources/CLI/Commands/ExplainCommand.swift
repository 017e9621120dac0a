import ArgumentParser
import MeshCluster
import MeshModel
import Reporting

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what happens to a flow: what is sent, who accepts or refuses it, and why.",
        discussion: """
            CLIENT is NAMESPACE/pod/NAME, NAMESPACE/deployment/NAME (any workload kind), external, apiserver, or \
            node/NAME (a process on that node's host network). SERVER is NAMESPACE/service/NAME:PORT (the \
            Service's port) or NAMESPACE/pod/NAME:PORT (the pod's port, by its address). The reasons are in \
            docs/flows.md.

            EXAMPLES
              meshctl explain --from shop/deployment/web --to shop/service/cart:80
              meshctl explain --from external --to default/service/frontend:80 -o json
              meshctl explain --from node/worker-1 --to shop/pod/cart-0:8080
              meshctl explain --from external --to shop/service/cart:80 --send istio-mtls
              meshctl explain --manifests cluster.yaml --from shop/pod/web-0 --to shop/service/cart:80

            EXIT CODES
              0 done, whatever the outcome · 1 error · 64 usage · 77 not permitted
            """)

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var manifests: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Who opens the connection.", valueName: "client"))
    var from: String

    @Option(help: ArgumentHelp("Whom it calls.", valueName: "server:port"))
    var to: String

    @Option(help: "What is sent: auto (by the client's data plane), plaintext, istio-mtls or tls.")
    var send: SendArgument = .auto

    @Option(
        name: .customLong("protocol"),
        help: "What the application speaks inside: auto (as the port declares), http, http2 or tcp."
    )
    var applicationProtocol: ProtocolArgument = .auto

    @Option(help: "The mesh's root namespace. (default: what the mesh configuration says)")
    var rootNamespace: String?

    func run() async throws {
        let context = try CommandContext.required()
        let view = try await ClusterView.read(
            cluster: cluster, manifests: manifests, rootNamespace: rootNamespace, context)
        context.noteDiagnostics(view.observation.diagnostics)
        let question = FlowQuestion(index: FlowIndex(view.observation.state))
        context.printReport(
            FlowExplanationReport(
                from: from, to: to, clients: try question.clients(from),
                target: try question.target(to),
                judge: FlowJudge(
                    question.index, forced: send.forced, speaks: applicationProtocol.speaks)),
            output)
    }
}

/// In any case, as `AUTO` and `auto`.
enum SendArgument: String, ExpressibleByArgument, CaseIterable {
    case auto, plaintext, tls
    case istioMTLS = "istio-mtls"

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var forced: ForcedBytes? { ForcedBytes(rawValue: rawValue) }
}

enum ProtocolArgument: String, ExpressibleByArgument, CaseIterable {
    case auto, http, http2, tcp

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var speaks: ApplicationProtocol? { ApplicationProtocol(rawValue: rawValue) }
}
