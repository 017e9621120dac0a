import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows of Emissary")
struct MappingFlowsTests {
    private func state(
        _ mappings: [Mapping], contexts: [TLSContext] = [], parts: [MeshPart] = []
    ) -> MeshState {
        let base = [
            service("shop/cart", ["app": "cart"]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
            policy("shop/default", .strict),
        ]
        var state = mesh(base + parts)
        state.flows.mappings = mappings
        state.flows.tlsContexts = contexts
        return state
    }

    private func mapping(_ service: String, context: String? = nil) -> Mapping {
        Mapping(
            meta: ObjectMeta(name: "cart", namespace: "edge"), service: service,
            tlsContext: context)
    }

    private let emissary = deployment(
        "edge/emissary", labels: ["app.kubernetes.io/name": "emissary-ingress"])

    private let meshContext = TLSContext(
        meta: ObjectMeta(name: "istio-upstream", namespace: "edge"), secret: "istio-certs",
        alpnProtocols: ["istio"])

    @Test("a Mapping leads from Emissary's Deployment to the Service's port")
    func ends() throws {
        let flows = MappingFlows.flows(in: state([mapping("cart.shop")], parts: [emissary]))
        let flow = try #require(flows.first)
        #expect(flows.count == 1)
        #expect(flow.text == "edge/deployment/emissary->shop/service/cart:80")
        #expect(flow.origin == .inferred(.mapping) && flow.isRequired && flow.sends == nil)
        #expect(flow.because.contains("Mapping edge/cart"))
    }

    @Test("without Emissary's pods the client is somebody without a proxy")
    func unknownClient() {
        #expect(
            MappingFlows.flows(in: state([mapping("cart.shop")])).map(\.text)
                == ["external->shop/service/cart:80"])
    }

    @Test("hosts that are no Service are nobody's flows")
    func otherHosts() {
        let mappings = ["api.example.com", "absent.shop", ""].map { mapping($0) }
        #expect(MappingFlows.flows(in: state(mappings, parts: [emissary])).isEmpty)
    }

    @Test("with the mesh's certificate the flow passes STRICT, and without it does not")
    func verdicts() throws {
        func outcome(_ context: String?) throws -> FlowOutcome {
            let state = state(
                [mapping("cart.shop", context: context)], contexts: [meshContext],
                parts: [emissary])
            let flow = try #require(MappingFlows.flows(in: state).first)
            let service = try #require(state.flows.services.first)
            let client = try #require(state.pods.first { $0.meta.namespace == "edge" })
            let judged = FlowJudge(FlowIndex(state), forced: flow.sends)
                .judge(.pod(client), to: .service(service, service.ports[0]))
            return try #require(judged.first).verdict.outcome
        }
        #expect(try outcome(nil) == .refused)
        #expect(try outcome("istio-upstream") == .carried)
    }
}
