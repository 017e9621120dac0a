import MeshModel
import Testing

/// Transcribed from istio `tests/integration/security/reachability_test.go:TestReachability` and
/// `tests/integration/ambient/baseline_test.go:TestPeerAuthentication`.
@Suite("Flows from end to end, as Istio's integration tests see them")
struct FlowJudgeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policies: [PeerAuthentication] = []
        /// Host and mode; a host without a star lives in the Service's namespace.
        var rule: (host: String, mode: DestinationRule.TLSMode)?
        var client: PodDataplane
        var server: PodDataplane
        /// What must arrive; nil where it must not.
        var transport: FlowBytes?

        var testDescription: String { "\(name): \(client) → \(server)" }
    }

    private static let service = "svc.ns1.svc.cluster.local"

    private static func mesh(_ mode: MTLSMode) -> PeerAuthentication {
        policy("istio-system/default", mode)
    }

    private static func own(
        _ mode: MTLSMode, ports: [Int: MTLSMode] = [:]
    ) -> PeerAuthentication {
        policy("ns1/svc", mode, ports: ports, selector: ["app": "svc"])
    }

    static let reachability: [Case] = [
        Case(
            name: "mesh STRICT", policies: [mesh(.strict)], rule: ("*", .istioMutual),
            client: .none, server: .sidecar),
        Case(
            name: "mesh PERMISSIVE", policies: [mesh(.permissive)], rule: ("*", .istioMutual),
            client: .sidecar, server: .none),
        Case(
            name: "mesh PERMISSIVE", policies: [mesh(.permissive)], rule: ("*", .istioMutual),
            client: .none, server: .sidecar, transport: .plaintext),
        Case(
            name: "plaintext to PERMISSIVE", policies: [mesh(.permissive)], rule: ("*", .disable),
            client: .sidecar, server: .sidecar, transport: .plaintext),
        Case(
            name: "plaintext to PERMISSIVE", policies: [mesh(.permissive)], rule: ("*", .disable),
            client: .sidecar, server: .none, transport: .plaintext),
        Case(
            name: "plaintext to PERMISSIVE", policies: [mesh(.permissive)], rule: ("*", .disable),
            client: .none, server: .sidecar, transport: .plaintext),
        Case(
            name: "automatic, STRICT", policies: [mesh(.strict)], client: .sidecar,
            server: .sidecar, transport: .mtls),
        Case(
            name: "automatic, STRICT", policies: [mesh(.strict)], client: .sidecar, server: .none,
            transport: .plaintext),
        Case(
            name: "automatic, DISABLE", policies: [mesh(.disable)], client: .none,
            server: .sidecar, transport: .plaintext),
        Case(
            name: "automatic, DISABLE", policies: [mesh(.disable)], client: .sidecar,
            server: .sidecar, transport: .plaintext),
        Case(
            name: "no policy", rule: ("*", .istioMutual), client: .sidecar, server: .sidecar,
            transport: .mtls),
        Case(
            name: "no policy", rule: ("*", .istioMutual), client: .none, server: .sidecar,
            transport: .plaintext),
        Case(
            name: "workload STRICT", policies: [own(.strict)], rule: (service, .istioMutual),
            client: .sidecar, server: .none),
        Case(
            name: "workload STRICT", policies: [own(.strict)], rule: (service, .istioMutual),
            client: .none, server: .sidecar),
        Case(
            name: "workload PERMISSIVE", policies: [own(.permissive)],
            rule: (service, .istioMutual), client: .none, server: .sidecar, transport: .plaintext),
        Case(
            name: "workload DISABLE", policies: [own(.disable)], rule: (service, .disable),
            client: .sidecar, server: .sidecar, transport: .plaintext),
        Case(
            name: "port override", policies: [own(.strict, ports: [18080: .disable])],
            client: .sidecar, server: .sidecar, transport: .plaintext),
        Case(
            name: "port override", policies: [own(.strict, ports: [18080: .disable])],
            client: .none, server: .sidecar, transport: .plaintext),
        Case(
            name: "migration without TLS", policies: [policy("ns1/default", .strict)],
            client: .sidecar, server: .none, transport: .plaintext),
        Case(
            name: "migration, TLS disabled", policies: [policy("ns1/default", .strict)],
            rule: (service, .disable), client: .sidecar, server: .sidecar),
        Case(
            name: "migration, TLS mutual", policies: [policy("ns1/default", .strict)],
            rule: (service, .istioMutual), client: .sidecar, server: .sidecar, transport: .mtls),
    ]

    /// Every pair of data planes under each set of policies: refused only without a proxy, by STRICT.
    static let ambient: [Case] = {
        let sets: [(String, [PeerAuthentication], isStrict: Bool)] = [
            ("PERMISSIVE", [policy("ns1/default", .permissive)], false),
            ("STRICT", [policy("ns1/default", .strict)], true),
            ("STRICT but the port", [own(.strict, ports: [18080: .permissive])], false),
            (
                "mesh STRICT, port PERMISSIVE",
                [mesh(.strict), own(.unset, ports: [18080: .permissive])], false
            ),
            (
                "mesh PERMISSIVE, port STRICT",
                [mesh(.permissive), own(.unset, ports: [18080: .strict])], true
            ),
        ]
        return sets.flatMap { name, policies, isStrict in
            [PodDataplane.ambient, .none].flatMap { client in
                [PodDataplane.ambient, .sidecar, .none].map { server in
                    let isRefused = isStrict && client == .none && server != .none
                    let isMeshed = client == .ambient && server != .none
                    return Case(
                        name: name, policies: policies, client: client, server: server,
                        transport: isRefused ? nil : isMeshed ? .hbone : .plaintext)
                }
            }
        }
    }()

    @Test("sidecars, and pods without", arguments: reachability)
    func sidecars(_ given: Case) throws { try check(given) }

    @Test("ambient, sidecars with HBONE, and pods without", arguments: ambient)
    func ambientMesh(_ given: Case) throws { try check(given) }

    private func check(_ given: Case) throws {
        let verdict = try verdict(given)
        #expect((verdict.outcome == .carried) == (given.transport != nil), "\(verdict)")
        if let transport = given.transport { #expect(verdict.sent == transport) }
    }

    @Test(
        "each side of an un-restarted sidecar: ztunnel cannot reach it by HBONE, sidecars can by mTLS"
    )
    func withoutTunnel() throws {
        var given = Case(
            name: "", policies: [Self.mesh(.strict)], client: .ambient, server: .sidecar)
        let fromAmbient = try verdict(given, tunnel: false)
        #expect(fromAmbient.sentBecause == .serverWithoutTunnel)
        #expect(fromAmbient.reason == .strictRefusesPlaintext)
        given.client = .sidecar
        #expect(try verdict(given, tunnel: false).outcome == .carried)
        given.client = .waypoint
        #expect(try verdict(given, tunnel: false).reason == .waypointToSidecar)
        #expect(try verdict(given, tunnel: true).sent == .hbone)
        given.policies = []
        #expect(try verdict(given, tunnel: false).outcome == .carried)
    }

    @Test("a namespace's DISABLE makes clients send plaintext, which a workload's STRICT refuses")
    func namespaceDisable() throws {
        let verdict = try verdict(
            Case(
                name: "", policies: [policy("ns1/default", .disable), Self.own(.strict)],
                client: .sidecar, server: .sidecar))
        #expect(verdict.sentBecause == .namespaceDisable)
        #expect(verdict.reason == .strictRefusesPlaintext)
    }

    @Test("a pod that waits for ztunnel cannot be judged, as a server or as a client")
    func pending() throws {
        var state = state(Case(name: "", client: .none, server: .none))
        state.pods[1].meta.annotations["ambient.istio.io/redirection"] = "pending"
        #expect(try judged(state).reason == .capturePending)
        state.pods[0].meta.annotations["ambient.istio.io/redirection"] = "pending"
        state.pods[1].meta.annotations = [:]
        #expect(try judged(state).outcome == .unknown)
    }

    private func verdict(_ given: Case, tunnel: Bool = true) throws -> FlowVerdict {
        try judged(state(given, tunnel: tunnel))
    }

    private func judged(_ state: MeshState) throws -> FlowVerdict {
        let service = try #require(state.flows.services.first)
        let verdicts = FlowJudge(FlowIndex(state)).judge(
            .pod(state.pods[0]), to: .service(service, service.ports[0]))
        #expect(verdicts.count == 1)
        return try #require(verdicts.first).verdict
    }

    private func state(_ given: Case, tunnel: Bool = true) -> MeshState {
        let rules = given.rule.map { host, mode in
            DestinationRule(
                meta: ObjectMeta(
                    name: "r", namespace: host == "*" ? "istio-system" : "ns1"), host: host,
                trafficPolicy: .init(tls: mode))
        }
        return MeshState(
            pods: [
                pod("client", given.client, tunnel: tunnel),
                pod("svc", given.server, tunnel: tunnel),
            ], peerAuthentications: given.policies,
            flows: FlowObjects(
                services: [
                    Service(
                        meta: ObjectMeta(name: "svc", namespace: "ns1"),
                        selector: ["app": "svc"],
                        ports: [ServicePort(name: "http", number: 80, target: .number(18080))])
                ], destinationRules: rules.map { [$0] } ?? []))
    }

    private func pod(_ app: String, _ plane: PodDataplane, tunnel: Bool) -> Pod {
        var pod = Pod(
            meta: ObjectMeta(name: "\(app)-0", namespace: "ns1", labels: ["app": app]),
            nodeName: "node-1", containers: [Container(name: "app")])
        switch plane {
        case .sidecar:
            pod.containers.append(Container(name: "istio-proxy"))
            pod.meta.annotations["sidecar.istio.io/status"] = "{}"
            pod.meta.labels["security.istio.io/tlsMode"] = "istio"
            if tunnel, app == "svc" { pod.meta.labels["networking.istio.io/tunnel"] = "http" }
        case .ambient: pod.meta.annotations["ambient.istio.io/redirection"] = "enabled"
        case .waypoint: pod.meta.labels["gateway.istio.io/managed"] = "istio.io-mesh-controller"
        case .gateway: pod.meta.labels["gateway.istio.io/managed"] = "istio.io-gateway-controller"
        case .none: break
        }
        return pod
    }
}
