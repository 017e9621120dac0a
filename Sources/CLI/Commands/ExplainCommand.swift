import ArgumentParser
import Diagnostics
import MeshCluster
import MeshModel
import Reporting

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why: of a flow, of a workload, or of a code or error text.",
        discussion: """
            With --from and --to: what the client sends, who accepts or refuses it, and why. CLIENT is \
            NAMESPACE/pod/NAME, NAMESPACE/deployment/NAME (any workload kind), external, apiserver, or \
            node/NAME (a process on that node's host network). SERVER is NAMESPACE/service/NAME:PORT (the \
            Service's port), NAMESPACE/pod/NAME:PORT or NAMESPACE/deployment/NAME:PORT (the pods' port, by \
            their addresses), or a host outside the cluster, host/NAME:PORT or NAME.DOMAIN:PORT.

            With NAMESPACE/KIND/NAME[:PORT], the kind being a workload's, pod or service: which data plane its \
            pods have and would get, which policies decide, and what each kind of client meets there.

            With anything else, a code such as shadowed-policy or a text out of a log: cause and fix, from the \
            manual; no cluster is asked.

            With a plan file, flows and workloads are told as they are now and after each stage.

            EXAMPLES
              meshctl explain --from shop/deployment/web --to shop/service/cart:80
              meshctl explain --from external --to default/service/frontend:80 -o json
              meshctl explain --from node/worker-1 --to shop/pod/cart-0:8080
              meshctl explain --from shop/deployment/web --to api.example.com:443
              meshctl explain --from external --to shop/service/cart:80 --send istio-mtls
              meshctl explain --manifests cluster.yaml --from shop/pod/web-0 --to shop/service/cart:80
              meshctl explain shop/deployment/cart
              meshctl explain shop/service/cart:80 -f plans/mine.yaml
              meshctl explain strict-refuses-plaintext
              meshctl explain WRONG_VERSION_NUMBER
              meshctl explain 503 UC

            EXIT CODES
              0 done, whatever the outcome · 1 error · 64 usage · 77 not permitted
            """)

    @Argument(
        help: ArgumentHelp(
            "NAMESPACE/KIND/NAME[:PORT], a code, or an error text.", valueName: "what"),
        completion: .custom { _, _, _ in ManualSearch.codes })
    var what: [String] = []

    @OptionGroup var planFile: PlanFileOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var manifests: ManifestOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Who opens the connection.", valueName: "client"))
    var from: String?

    @Option(help: ArgumentHelp("Whom it calls.", valueName: "server:port"))
    var to: String?

    @Option(help: "What is sent: auto (by the client's data plane), plaintext, istio-mtls or tls.")
    var send: SendArgument = .auto

    @Option(
        name: .customLong("protocol"),
        help: "What the application speaks inside: auto (as the port declares), http, http2 or tcp."
    )
    var applicationProtocol: ProtocolArgument = .auto

    @Option(help: "The mesh's root namespace. (default: what the mesh configuration says)")
    var rootNamespace: String?

    func validate() throws {
        switch (from, to) {
        case (nil, nil) where what.isEmpty:
            throw ValidationError(
                "say what to explain: --from CLIENT --to SERVER:PORT, NAMESPACE/KIND/NAME, or a text"
            )
        case (nil, .some): throw ValidationError("--to needs --from CLIENT")
        case (.some, nil): throw ValidationError("--from needs --to SERVER:PORT")
        case (.some, .some) where !what.isEmpty:
            throw ValidationError("--from and --to are about a flow; leave out the rest")
        default: break
        }
    }

    func run() async throws {
        let context = try CommandContext.required()
        if let from, let to {
            try await explain(FlowQuestion(from: from, to: to), context)
        } else if let name = try WorkloadQuestion(what) {
            try await explain(name, context)
        } else {
            try ManualQuestion(what.joined(separator: " ")).answer(output, context)
        }
    }

    private func explain(_ question: FlowQuestion, _ context: CommandContext) async throws {
        let outlook = try await observe(context)
        func report(_ state: MeshState) throws -> FlowExplanationReport {
            try question.explanation(in: state) {
                $0.forced = send.forced
                $0.speaks = applicationProtocol.speaks
            }
        }
        var explanation = try report(outlook.state)
        explanation.plan = outlook.plan
        explanation.stages = try outlook.stages?.map { stage in
            guard let state = stage.state else {
                return FlowStageEntry(stage.stage, blockedBy: stage.diagnostics)
            }
            return FlowStageEntry(
                stage.stage, reached: try report(state), blockedBy: stage.diagnostics)
        }
        context.printReport(explanation, output)
    }

    private func explain(_ question: WorkloadQuestion, _ context: CommandContext) async throws {
        let outlook = try await observe(context)
        var explanation = try question.explanation(in: outlook.state)
        explanation.plan = outlook.plan
        explanation.stages = try outlook.stages?.map { stage in
            guard let state = stage.state else {
                return WorkloadStageEntry(stage.stage, blockedBy: stage.diagnostics)
            }
            return WorkloadStageEntry(
                stage.stage, reached: try question.explanation(in: state),
                blockedBy: stage.diagnostics)
        }
        context.printReport(explanation, output)
    }

    private func observe(_ context: CommandContext) async throws -> StageOutlook {
        let file = PlanFileSource.ifUsable(planFile.file, context)
        let view = try await ClusterView.read(
            cluster: cluster, manifests: manifests,
            rootNamespace: rootNamespace ?? file?.plan.mesh.rootNamespace, context)
        context.noteDiagnostics(view.observation.diagnostics)
        return StageOutlook(
            view.observation,
            observed: file == nil ? [] : try view.observedFlows(cluster.stateFile, context),
            plan: file)
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
