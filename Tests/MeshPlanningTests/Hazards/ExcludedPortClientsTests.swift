import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Client rules and excluded ports")
struct ExcludedPortClientsTests {
    static let excluded = ["traffic.sidecar.istio.io/excludeInboundPorts": "9091"]

    private func state(
        target: Int = 9091, annotations: [String: String] = excluded,
        rules: [DestinationRule] = [], isHeadless: Bool = false, plane: PodDataplane = .sidecar
    ) -> MeshState {
        mesh(
            namespace("app", labels: sidecarLabels), namespace("edge", labels: sidecarLabels),
            deployment("edge/tunnel", labels: injected("tunnel"), plane: .sidecar),
            deployment(
                "app/gateway", labels: injected("gateway"), annotations: annotations, plane: plane)
        ).with([service("app/gateway", 80, to: target, isHeadless: isHeadless)], rules: rules)
    }

    private func found(
        _ state: MeshState, _ flows: [Flow] = [], mtls: MTLSMode = .strict
    ) -> [Diagnostic] {
        told(by: ExcludedPortClients.self, plan(entry("app", mtls: mtls)), on: state, flows)
    }

    private func disable(_ host: String, port: Int? = nil, in namespace: String = "app")
        -> DestinationRule
    {
        DestinationRule(
            meta: ObjectMeta(name: "plain", namespace: namespace), host: host,
            trafficPolicy: port.map { .init(ports: [$0: .disable]) } ?? .init(tls: .disable))
    }

    @Test("a Service that leads to an excluded port gets mTLS; the remedy is the clients' rule")
    func excludedWithoutRule() throws {
        let only = try #require(found(state()).first)
        #expect(only.code == .excludedPortClients && only.severity == .warning)
        #expect(only.message.contains("app/gateway:80"))
        #expect(only.detail.contains("container port 9091"))
        let remedy = try #require(only.remedy)
        #expect(remedy.contains("host: gateway.app.svc.cluster.local"))
        #expect(remedy.contains("- port: {number: 80}") && remedy.contains("tls: {mode: DISABLE}"))
        #expect(remedy.contains("ports: {9091: DISABLE}"))
        #expect(found(state(isHeadless: true)).first?.remedy?.contains("9091: DISABLE") == false)
    }

    @Test(
        "with a rule for the port, a port DISABLE, another port or no sidecar there is no trouble")
    func aligned() {
        let host = "gateway.app.svc.cluster.local"
        #expect(found(state(rules: [disable(host, port: 80)])).isEmpty)
        #expect(found(state(rules: [disable("gateway")])).isEmpty)
        #expect(found(state(target: 8080)).isEmpty)
        #expect(found(state(plane: .none)).isEmpty)
        var disabled = state()
        disabled.peerAuthentications =
            policy(
                "app/port", .strict, selector: ["app": "gateway"], ports: [9091: .disable]
            ).policies
        #expect(found(disabled).isEmpty)
    }

    @Test("a DISABLE rule before an intercepted port is named, and said to be refused under STRICT")
    func ruleWithoutExclusion() throws {
        let open = state(annotations: [:], rules: [disable("gateway")])
        let only = try #require(found(open).first)
        #expect(only.message.contains("DestinationRule app/plain makes clients send plaintext"))
        #expect(only.message.hasSuffix("where STRICT refuses it"))
        #expect(only.remedy == "kubectl -n app edit destinationrule plain")
        #expect(found(open, mtls: .permissive).first?.message.hasSuffix("app/gateway:80") == true)
        #expect(found(state(annotations: [:], rules: [disable("other")])).isEmpty)
    }

    @Test("the clients that are known decide, and those that the search reports are not told again")
    func knownClients() {
        let rule = disable("gateway.app.svc.cluster.local", in: "edge")
        let known = flow("edge/tunnel", "app/gateway", 80)
        #expect(found(state(rules: [rule])).count == 1)
        #expect(found(state(rules: [rule]), [known]).isEmpty)

        let open = state(annotations: [:], rules: [rule])
        #expect(found(open, [known]).count == 1)
        #expect(found(open, [flow("edge/tunnel", "app/gateway", 80, .sure)]).isEmpty)
    }
}
