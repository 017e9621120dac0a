import MeshModel
import Testing

/// What changes the choice of a sidecar: `automtls-passthrough.yaml` of istio
/// `tests/integration/security/reachability_test.go:TestReachability`, variables of istiod, and who knows a Service.
@Suite("What a sidecar sends, and to whom")
struct FlowSenderTests {
    private let client = FlowSenderTests.pod("client", isInjected: true)

    private static func pod(
        _ app: String, isInjected: Bool, namespace: String = "ns1",
        annotations: [String: String] = [:]
    ) -> Pod {
        var pod = Pod(
            meta: ObjectMeta(
                name: app, namespace: namespace, labels: ["app": "svc"], annotations: annotations),
            containers: [Container(name: "app")])
        if app == "client" { pod.meta.labels = [:] }
        if isInjected {
            pod.containers.append(Container(name: "istio-proxy"))
            pod.meta.labels["security.istio.io/tlsMode"] = "istio"
        }
        return pod
    }

    private func sent(
        _ servers: [Pod], from client: Pod? = nil, isHeadless: Bool = false,
        annotations: [String: String] = [:], change: (inout MeshState) -> Void = { _ in }
    ) throws -> [FlowVerdict] {
        let client = client ?? self.client
        let service = Service(
            meta: ObjectMeta(name: "svc", namespace: "ns1", annotations: annotations),
            clusterIP: isHeadless ? "None" : "10.0.0.1", selector: ["app": "svc"],
            ports: [ServicePort(name: "http", number: 80)])
        var state = MeshState(pods: [client] + servers, flows: FlowObjects(services: [service]))
        change(&state)
        return FlowJudge(FlowIndex(state))
            .judge(.pod(client), to: .service(service, service.ports[0])).map(\.verdict)
    }

    private let passthrough = DestinationRule(
        meta: ObjectMeta(name: "passthrough", namespace: "istio-system"), host: "*",
        trafficPolicy: .init(isPassthrough: true))

    @Test("with PASSTHROUGH one choice holds for all pods, as for a headless Service")
    func passThrough() throws {
        let injected = Self.pod("a", isInjected: true)
        let plain = Self.pod("b", isInjected: false)
        let all = try sent([injected]) { $0.flows.destinationRules = [passthrough] }
        #expect(all.map(\.sent) == [.mtls])
        let mixed = try sent([injected, plain]) { $0.flows.destinationRules = [passthrough] }
        #expect(mixed.map(\.sent) == [.plaintext, .plaintext])
        #expect(try sent([injected, plain]).map(\.sent) == [.mtls, .plaintext])
        let none = try sent([plain]) { $0.flows.destinationRules = [passthrough] }
        #expect(none.map(\.outcome) == [.carried])
    }

    @Test("istiod may choose pod by pod for headless Services too")
    func headlessByEndpoint() throws {
        let servers = [Self.pod("a", isInjected: true), Self.pod("b", isInjected: false)]
        #expect(try sent(servers, isHeadless: true).map(\.sent) == [.plaintext, .plaintext])
        let byEndpoint = try sent(servers, isHeadless: true) {
            $0.flows.settings.headlessByEndpoint = true
        }
        #expect(byEndpoint.map(\.sent) == [.mtls, .plaintext])
    }

    @Test("settings are those of the revision that the client's proxy is of")
    func revisions() throws {
        var canary = client
        canary.meta.annotations["istio.io/rev"] = "canary"
        let server = [Self.pod("a", isInjected: true)]
        func change(_ state: inout MeshState) {
            state.flows.revisedSettings = [
                "default": MeshSettings(), "canary": MeshSettings(autoMTLS: false),
            ]
        }
        #expect(try sent(server, from: canary, change: change).map(\.sent) == [.plaintext])
        #expect(try sent(server, change: change).map(\.sent) == [.mtls])
    }

    @Test(
        "a Service that is not exported to the client is not known to its sidecar",
        arguments: [
            ("*", true), (".", false), ("ns1", false), ("web, ns1", true), ("~", false),
            ("", false),
        ])
    func exportTo(value: String, isKnown: Bool) throws {
        let away = Self.pod("client", isInjected: true, namespace: "web")
        let server = [Self.pod("a", isInjected: true)]
        let annotations = ["networking.istio.io/exportTo": value]
        let verdicts = try sent(server, from: away, annotations: annotations)
        #expect(verdicts.map(\.sentBecause) == [isKnown ? .autoMTLS : .outsideEgress])
        let near = try sent(
            server, annotations: ["networking.istio.io/exportTo": "."])
        #expect(near.map(\.sentBecause) == [.autoMTLS])
    }

    @Test("a proxy may be told not to send HBONE")
    func declines() throws {
        var server = Self.pod("a", isInjected: false)
        server.meta.annotations["ambient.istio.io/redirection"] = "enabled"
        #expect(try sent([server]).map(\.sent) == [.hbone])
        let told = Self.pod(
            "client", isInjected: true,
            annotations: [
                "proxy.istio.io/config":
                    "proxyMetadata:\n  ISTIO_META_DISABLE_HBONE_SEND: \"true\"\n"
            ])
        #expect(try sent([server], from: told).map(\.sent) == [.plaintext])
    }

    @Test("with nftables a process on the pod's own node may be of a user that is not let past")
    func nftables() throws {
        var server = Self.pod("a", isInjected: false)
        server.meta.annotations["ambient.istio.io/redirection"] = "enabled"
        server.nodeName = "node-1"
        var state = MeshState(
            pods: [server],
            peerAuthentications: [policy("ns1/default", .strict)])
        func reason() throws -> FlowReason {
            try #require(
                FlowJudge(FlowIndex(state)).judge(.node("node-1"), to: .pod(server, port: 80)).first
            ).verdict.reason
        }
        #expect(try reason() == .nodeLocal)
        state.surroundings.cni = CNISettings(usesNFTables: true)
        #expect(try reason() == .nodeUserUnknown)
        state.peerAuthentications = []
        #expect(try reason() == .nodeLocal)
    }
}
