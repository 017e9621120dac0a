import JSON
import MeshModel
import Testing

/// Who knows a host: istio `pilot/pkg/model/sidecar_test.go` and `pilot/pkg/model/push_context_test.go` (`exportTo`);
/// what is done with others: `pilot/pkg/networking/core/httproute_test.go` (`buildCatchAllVirtualHost`).
@Suite("Flows to a host outside the cluster")
struct OutsideHostTests {
    enum Plane: String { case sidecar, ambient, none, gateway, pending }

    private static let host = "api.example.com"

    private static func pod(_ plane: Plane, annotations: [String: String] = [:]) -> Pod {
        var pod = Pod(
            meta: ObjectMeta(name: "web", namespace: "web", annotations: annotations),
            containers: [Container(name: "app")])
        switch plane {
        case .sidecar: pod.containers.append(Container(name: "istio-proxy"))
        case .gateway:
            pod.containers.append(Container(name: "istio-proxy"))
            pod.meta.annotations["inject.istio.io/templates"] = "gateway"
        case .ambient: pod.meta.annotations["ambient.istio.io/redirection"] = "enabled"
        case .pending: pod.meta.annotations["ambient.istio.io/redirection"] = "pending"
        case .none: break
        }
        return pod
    }

    private static func entry(
        _ path: String = "web/api", _ hosts: [JSONValue] = ["api.example.com"],
        port: Int64 = 443, _ more: [String: JSONValue] = [:]
    ) throws -> ServiceEntry {
        let parts = path.split(separator: "/").map(String.init)
        var spec: JSONValue = [
            "hosts": .array(hosts),
            "ports": [["number": .integer(port), "name": "p", "protocol": "TCP"]],
        ]
        for (key, value) in more { spec[key] = value }
        return try ServiceEntry(
            meta: ObjectMeta(name: parts[1], namespace: parts[0]), spec: spec)
    }

    private static func rule(
        _ mode: DestinationRule.TLSMode, host: String = OutsideHostTests.host,
        in namespace: String = "web"
    ) -> DestinationRule {
        DestinationRule(
            meta: ObjectMeta(name: "rule", namespace: namespace), host: host,
            trafficPolicy: .init(tls: mode))
    }

    /// `plaintext host-outside-mesh carried outside-host`
    private func verdict(
        _ client: FlowClient, to host: String = OutsideHostTests.host, port: Int = 443,
        _ entries: [ServiceEntry] = [], rules: [DestinationRule] = [],
        scopes: [SidecarScope] = [], pods: [Pod] = [], registryOnly: Bool = false,
        unreadable: Set<String> = [], forced: ForcedBytes? = nil
    ) throws -> String {
        var pods = pods
        if case .pod(let pod) = client { pods.append(pod) }
        let state = MeshState(
            pods: pods,
            flows: FlowObjects(
                destinationRules: rules, serviceEntries: entries, sidecarScopes: scopes,
                settings: MeshSettings(registryOnly: registryOnly), unreadable: unreadable))
        let found = FlowJudge(FlowIndex(state), forced: forced)
            .judge(client, to: .host(host, port: port))
        let judged = try #require(found.first)
        #expect(found.count == 1 && judged.endpoint.pod == nil && judged.mode == nil)
        let verdict = judged.verdict
        let because = verdict.sentBecause?.rawValue ?? "-"
        return "\(verdict.sent) \(because) \(verdict.outcome) \(verdict.reason.rawValue)"
    }

    private let refused = "plaintext outside-egress refused registry-only"
    private let passedOn = "plaintext outside-egress carried outside-host"
    private let known = "plaintext host-outside-mesh carried outside-host"

    @Test("without a proxy at the client the call leaves as it is, whatever the mesh says")
    func withoutProxy() throws {
        let plain = "plaintext client-without-proxy carried outside-host"
        for client: FlowClient in [
            .external, .node("node-1"), .apiServer(nodes: []), .pod(Self.pod(.none)),
        ] {
            #expect(try verdict(client, registryOnly: true) == plain)
        }
        #expect(
            try verdict(.pod(Self.pod(.pending)))
                == "plaintext - unknown capture-pending")
    }

    @Test("ztunnel passes everything on: REGISTRY_ONLY, exportTo and Sidecars are not its business")
    func ambient() throws {
        let client = FlowClient.pod(Self.pod(.ambient))
        #expect(try verdict(client, registryOnly: true) == known)
        let entry = try Self.entry("other/api", ["api.example.com"], ["exportTo": ["."]])
        #expect(
            try verdict(client, [entry], rules: [Self.rule(.mutual)], registryOnly: true) == known)
    }

    @Test("a ServiceEntry's waypoint takes the call, with the rule that it sees")
    func waypoint() throws {
        var entry = try Self.entry()
        entry.meta.labels["istio.io/use-waypoint"] = "egress"
        var waypoint = Self.pod(.none)
        waypoint.meta = ObjectMeta(
            name: "egress-0", namespace: "web",
            labels: [
                "gateway.istio.io/managed": "istio.io-mesh-controller",
                "gateway.networking.k8s.io/gateway-name": "egress",
            ])
        let client = FlowClient.pod(Self.pod(.ambient))
        #expect(
            try verdict(client, [entry], rules: [Self.rule(.simple)], pods: [waypoint])
                == "tls destination-rule carried outside-host")
        #expect(try verdict(client, [entry], rules: [Self.rule(.simple)]) == known)
    }

    @Test(
        "a sidecar knows what a ServiceEntry names, by host and port, and what is exported to it",
        arguments: [
            ("web/api", "api.example.com", 443, [], true),
            ("web/api", "*.example.com", 443, [], true), ("web/api", "*", 443, [], true),
            ("web/api", "example.com", 443, [], false),
            ("web/api", "api.example.com", 80, [], false),
            ("other/api", "api.example.com", 443, [], true),
            ("other/api", "api.example.com", 443, ["*"], true),
            ("other/api", "api.example.com", 443, ["."], false),
            ("other/api", "api.example.com", 443, ["~"], false),
            ("other/api", "api.example.com", 443, ["web"], true),
            ("web/api", "api.example.com", 443, ["."], true),
        ] as [(String, String, Int64, [String], Bool)])
    func registry(
        path: String, host: String, port: Int64, exportTo: [String], isKnown: Bool
    ) throws {
        let entry = try Self.entry(
            path, [.string(host)], port: port,
            ["exportTo": .array(exportTo.map(JSONValue.string))])
        let client = FlowClient.pod(Self.pod(.sidecar))
        #expect(try verdict(client, [entry]) == (isKnown ? known : passedOn))
        #expect(try verdict(client, [entry], registryOnly: true) == (isKnown ? known : refused))
    }

    @Test(
        "its Sidecar resource narrows that, and its own outbound policy goes before the mesh's",
        arguments: [
            (["./*"], nil, true, false), (["./*", "other/*"], nil, true, true),
            (["*/api.example.com"], nil, true, true), (["*/*.example.com"], nil, true, true),
            (["other/www.example.com"], nil, true, false), (["~/*"], true, false, false),
            ([], nil, true, true), (["./*"], false, true, nil), (["./*"], nil, false, nil),
        ] as [([String], Bool?, Bool, Bool?)])
    func scope(egress: [String], own: Bool?, mesh: Bool, isKnown: Bool?) throws {
        let scope = SidecarScope(
            meta: ObjectMeta(name: "default", namespace: "web"), egressHosts: egress,
            registryOnly: own)
        let expected = isKnown.map { $0 ? known : refused } ?? passedOn
        #expect(
            try verdict(
                .pod(Self.pod(.sidecar)), [Self.entry("other/api")], scopes: [scope],
                registryOnly: mesh) == expected)
    }

    @Test(
        "a rule for a known host says what is sent, and nothing where the host is not known",
        arguments: [
            (.disable, "plaintext destination-rule carried outside-host"),
            (.simple, "tls destination-rule carried outside-host"),
            (.mutual, "tls destination-rule carried outside-host"),
            (.istioMutual, "mtls destination-rule unknown mtls-to-outside-host"),
        ] as [(DestinationRule.TLSMode, String)])
    func rules(mode: DestinationRule.TLSMode, expected: String) throws {
        let client = FlowClient.pod(Self.pod(.sidecar))
        let entry = try Self.entry()
        #expect(try verdict(client, [entry], rules: [Self.rule(mode)]) == expected)
        #expect(try verdict(client, rules: [Self.rule(mode)]) == passedOn)
        // By the host as the entry has it: a rule for one name is none for a wildcard's cluster.
        let wildcard = try Self.entry("web/api", ["*.example.com"])
        #expect(try verdict(client, [wildcard], rules: [Self.rule(mode)]) == known)
        #expect(
            try verdict(client, [wildcard], rules: [Self.rule(mode, host: "*.example.com")])
                == expected)
        #expect(
            try verdict(.pod(Self.pod(.gateway)), [entry], rules: [Self.rule(mode)]) == expected)
    }

    @Test("of several entries the most exact counts, then the client's own namespace's")
    func precedence() throws {
        let client = FlowClient.pod(Self.pod(.sidecar))
        let far = try Self.entry("a/api")
        let near = try Self.entry("web/api")
        let wide = try Self.entry("web/all", ["*.example.com"])
        let rules = [Self.rule(.simple, in: "a")]
        #expect(
            try verdict(client, [far, wide], rules: rules)
                == "tls destination-rule carried outside-host")
        #expect(try verdict(client, [far, near], rules: rules) == known)
    }

    @Test("an entry that leads into the mesh leaves the verdict open, for every client")
    func inMesh() throws {
        let unknown = "unknown host-in-mesh"
        let backend = Pod(meta: ObjectMeta(name: "vm", namespace: "vms"), ip: "10.0.0.9")
        for more: [String: JSONValue] in [
            ["location": "MESH_INTERNAL"], ["workloadSelector": ["labels": ["app": "vm"]]],
            ["endpoints": [["address": "10.0.0.9"]]],
        ] {
            let entry = try Self.entry("web/api", ["api.example.com"], more)
            for client: FlowClient in [
                .pod(Self.pod(.sidecar)), .pod(Self.pod(.ambient)), .pod(Self.pod(.none)),
                .external,
            ] {
                #expect(try verdict(client, [entry], pods: [backend]).hasSuffix(unknown))
            }
        }
        let outside = try Self.entry(
            "web/api", ["api.example.com"], ["endpoints": [["address": "192.0.2.7"]]])
        #expect(try verdict(.pod(Self.pod(.sidecar)), [outside], pods: [backend]) == known)
    }

    @Test("a gateway's routes lead to known hosts alone; no Sidecar holds for it")
    func gateways() throws {
        let gateway = FlowClient.pod(Self.pod(.gateway))
        let scope = SidecarScope(
            meta: ObjectMeta(name: "default", namespace: "web"), egressHosts: ["~/*"])
        #expect(try verdict(gateway, [Self.entry()], scopes: [scope], registryOnly: true) == known)
        #expect(try verdict(gateway) == "plaintext - unknown gateway-to-unknown-host")
    }

    @Test("where ServiceEntries may not be listed, REGISTRY_ONLY cannot be judged")
    func unread() throws {
        let sidecar = FlowClient.pod(Self.pod(.sidecar))
        let unread = "plaintext - unknown registry-unread"
        #expect(
            try verdict(sidecar, registryOnly: true, unreadable: ["ServiceEntry"]) == unread)
        #expect(try verdict(sidecar, unreadable: ["ServiceEntry"]) == passedOn)
        #expect(
            try verdict(.pod(Self.pod(.gateway)), unreadable: ["ServiceEntry"]) == unread)
    }

    @Test("annotations that keep the connection from the sidecar go before its registry")
    func interception() throws {
        func client(_ key: String, _ value: String) -> FlowClient {
            .pod(Self.pod(.sidecar, annotations: ["traffic.sidecar.istio.io/\(key)": value]))
        }
        let past = "plaintext outbound-excluded carried outside-host"
        #expect(try verdict(client("excludeOutboundPorts", "443"), registryOnly: true) == past)
        let byRange = client("includeOutboundIPRanges", "10.0.0.0/8")
        #expect(
            try verdict(byRange, registryOnly: true) == "plaintext - unknown address-unknown")
        // Whichever way it goes, the same leaves.
        #expect(try verdict(byRange) == passedOn)
        #expect(try verdict(byRange, to: "192.0.2.1", registryOnly: true) == past)
        #expect(try verdict(byRange, to: "10.1.2.3", registryOnly: true) == refused)
    }

    @Test("an address is known by the entry's own addresses")
    func addresses() throws {
        let entry = try Self.entry(
            "web/db", ["db.example.com"], ["addresses": ["192.0.2.0/24"]])
        let client = FlowClient.pod(Self.pod(.sidecar))
        #expect(try verdict(client, to: "192.0.2.7", [entry], registryOnly: true) == known)
        #expect(try verdict(client, to: "198.51.100.7", [entry], registryOnly: true) == refused)
    }

    @Test("--send says what leaves; who it is for decides what becomes of it")
    func forced() throws {
        #expect(
            try verdict(.external, forced: .tls) == "tls forced carried outside-host")
        #expect(
            try verdict(.external, forced: .istioMTLS)
                == "mtls forced unknown mtls-to-outside-host")
    }

    @Test("an index that was changed says the same as one that is made anew")
    func replacing() throws {
        let entry = try Self.entry("other/api", ["*.example.com"])
        var index = ServiceEntryIndex([])
        index.replace([entry], in: "other")
        #expect(index.namespaces(naming: Self.host) == ["other"])
        index.replace([], in: "other")
        #expect(index.namespaces(naming: Self.host) == [])
        #expect(index.entries(forHost: Self.host, port: 443) == [])
    }
}
