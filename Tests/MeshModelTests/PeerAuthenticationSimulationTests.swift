import MeshModel
import Testing

/// Transcribed from istio `pilot/pkg/networking/core/peer_authentication_simulation_test.go`
/// (`TestPeerAuthenticationPassthrough`, `TestPeerAuthenticationWithSidecar`) and
/// `tests/integration/security/pass_through_filter_chain_test.go:TestPassThroughFilterChain`.
@Suite("Port modes, with ports in a ServiceEntry, in a Sidecar, and in nothing")
struct PeerAuthenticationSimulationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policy: PeerAuthentication
        var entry: [ServiceEntry.Port]? = nil
        var ingress: [Int] = []
        var ingressProtocol = "TCP"
        var speaks: ApplicationProtocol = .http
        /// Port, forced bytes, and what becomes of them.
        var calls: [(Int, ForcedBytes, FlowOutcome)]

        var testDescription: String { name }
    }

    static func own(_ mode: MTLSMode, _ ports: [Int: MTLSMode] = [:]) -> PeerAuthentication {
        policy("default/default", mode, ports: ports, selector: ["app": "foo"])
    }

    static let http8000 = [ServiceEntry.Port(name: "http", number: 8000, protocolName: "HTTP")]

    static let passthrough: [Case] = [
        Case(
            name: "DISABLE", policy: own(.disable),
            calls: [(8000, .istioMTLS, .garbled), (8000, .plaintext, .carried)]),
        Case(
            name: "STRICT", policy: own(.strict),
            calls: [(8000, .plaintext, .refused), (8000, .istioMTLS, .carried)]),
        Case(
            name: "PERMISSIVE", policy: own(.permissive),
            calls: [(8000, .plaintext, .carried), (8000, .istioMTLS, .carried)]),
        Case(
            name: "DISABLE, 9000 STRICT", policy: own(.disable, [9000: .strict]),
            calls: [
                (8000, .plaintext, .carried), (8000, .istioMTLS, .garbled),
                (9000, .plaintext, .refused), (9000, .istioMTLS, .carried),
            ]),
        Case(
            name: "DISABLE, 9000 STRICT, 8000 in a ServiceEntry as HTTP",
            policy: own(.disable, [9000: .strict]), entry: http8000,
            calls: [
                (8000, .plaintext, .carried), (8000, .istioMTLS, .refused),
                (9000, .plaintext, .refused), (9000, .istioMTLS, .carried),
            ]),
        Case(
            name: "STRICT, 9000 DISABLE", policy: own(.strict, [9000: .disable]),
            calls: [
                (8000, .plaintext, .refused), (8000, .istioMTLS, .carried),
                (9000, .plaintext, .carried), (9000, .istioMTLS, .garbled),
            ]),
        Case(
            name: "STRICT, 9000 DISABLE, 8000 in a ServiceEntry as HTTP",
            policy: own(.strict, [9000: .disable]), entry: http8000,
            calls: [
                (8000, .plaintext, .refused), (8000, .istioMTLS, .carried),
                (9000, .plaintext, .carried), (9000, .istioMTLS, .garbled),
            ]),
        Case(
            name: "DISABLE, 9000 PERMISSIVE", policy: own(.disable, [9000: .permissive]),
            calls: [
                (8000, .plaintext, .carried), (8000, .istioMTLS, .garbled),
                (9000, .plaintext, .carried), (9000, .istioMTLS, .carried),
            ]),
        Case(
            name: "DISABLE, 9000 PERMISSIVE, 8000 in a ServiceEntry as HTTP",
            policy: own(.disable, [9000: .permissive]), entry: http8000,
            calls: [
                (8000, .plaintext, .carried), (8000, .istioMTLS, .refused),
                (9000, .plaintext, .carried), (9000, .istioMTLS, .carried),
            ]),
    ]

    static let withSidecar: [Case] = {
        let policy = own(.strict, [9090: .disable])
        let both = [
            ServiceEntry.Port(name: "tls", number: 8080, protocolName: "TCP"),
            ServiceEntry.Port(name: "plaintext", number: 9090, protocolName: "TCP"),
        ]
        let other = [ServiceEntry.Port(name: "random", number: 5050, protocolName: "TCP")]
        let calls: [(Int, ForcedBytes, FlowOutcome)] = [
            (8080, .plaintext, .refused), (8080, .istioMTLS, .carried),
            (9090, .plaintext, .carried), (9090, .istioMTLS, .garbled),
        ]
        return [
            ("service, no Sidecar", both, []), ("service, full Sidecar", both, [8080, 9090]),
            ("no service, no Sidecar", other, []),
            ("no service, full Sidecar", other, [8080, 9090]),
            ("service, partial Sidecar", both, [8080]),
        ].map { name, entry, ingress in
            Case(
                name: name, policy: policy, entry: entry, ingress: ingress, speaks: .tcp,
                calls: calls)
        }
    }()

    /// Ports of the workload alone, reached by the pod's address.
    static let workloadOnly: [Case] = [
        Case(
            name: "namespace DISABLE", policy: policy("default/mtls", .disable),
            calls: [(19092, .plaintext, .carried), (19092, .istioMTLS, .garbled)]),
        Case(
            name: "namespace PERMISSIVE", policy: policy("default/mtls", .permissive),
            calls: [(19092, .plaintext, .carried), (19092, .istioMTLS, .carried)]),
        Case(
            name: "namespace STRICT", policy: policy("default/mtls", .strict),
            calls: [(19092, .plaintext, .refused), (19092, .istioMTLS, .carried)]),
        Case(
            name: "PERMISSIVE, a port STRICT", policy: own(.permissive, [19092: .strict]),
            calls: [
                (19092, .plaintext, .refused), (19092, .istioMTLS, .carried),
                (18083, .plaintext, .carried), (18083, .istioMTLS, .carried),
            ]),
        Case(
            name: "PERMISSIVE, a port DISABLE", policy: own(.permissive, [19092: .disable]),
            calls: [
                (19092, .plaintext, .carried), (19092, .istioMTLS, .garbled),
                (18083, .plaintext, .carried), (18083, .istioMTLS, .carried),
            ]),
        Case(
            name: "DISABLE, a port PERMISSIVE", policy: own(.disable, [19092: .permissive]),
            calls: [
                (19092, .plaintext, .carried), (19092, .istioMTLS, .carried),
                (18083, .plaintext, .carried), (18083, .istioMTLS, .garbled),
            ]),
    ]

    @Test("each call ends as Istio's simulation says", arguments: passthrough + withSidecar)
    func simulation(_ given: Case) throws { try check(given) }

    @Test("ports in no Service follow the workload's policy", arguments: workloadOnly)
    func filterChains(_ given: Case) throws { try check(given) }

    @Test("a Sidecar's listeners declare ports in the place of Services and ServiceEntries")
    func ingressDeclares() throws {
        var given = Case(
            name: "", policy: Self.own(.permissive), entry: Self.http8000, ingress: [],
            speaks: .tcp, calls: [(8000, .plaintext, .refused), (9090, .plaintext, .carried)])
        try check(given)
        given.ingress = [9090]
        given.ingressProtocol = "HTTP"
        given.calls = [(8000, .plaintext, .carried), (9090, .plaintext, .refused)]
        try check(given)
    }

    private func check(_ given: Case) throws {
        let pod = Pod(
            meta: ObjectMeta(
                name: "foo-0", namespace: "default", labels: ["app": "foo"],
                annotations: ["sidecar.istio.io/status": "{}"]), ip: "1.1.1.1",
            containers: [Container(name: "app"), Container(name: "istio-proxy")])
        let entry = given.entry.map { ports in
            ServiceEntry(
                meta: ObjectMeta(name: "se", namespace: "default"), ports: ports,
                endpoints: [ServiceEntry.Endpoint(address: "1.1.1.1")])
        }
        let scope = SidecarScope(
            meta: ObjectMeta(name: "sidecar", namespace: "default"),
            workloadSelector: LabelSelector(["app": "foo"]),
            ingress: given.ingress.map { .init(number: $0, protocolName: given.ingressProtocol) })
        let state = MeshState(
            pods: [pod], peerAuthentications: [given.policy],
            flows: FlowObjects(
                serviceEntries: entry.map { [$0] } ?? [],
                sidecarScopes: given.ingress.isEmpty ? [] : [scope]))
        for (port, forced, outcome) in given.calls {
            let judge = FlowJudge(FlowIndex(state), forced: forced, speaks: given.speaks)
            let verdict = try #require(
                judge.judge(.external, to: .pod(pod, port: port)).first
            ).verdict
            #expect(verdict.outcome == outcome, "\(port) \(forced): \(verdict)")
        }
    }
}
