import JSON
import Testing

@Suite("explain --to a host outside the cluster")
struct ExplainOutsideTests: ManifestTests {
    private let registryOnly: JSONValue = [
        "kind": "ConfigMap", "metadata": ["name": "istio", "namespace": "istio-system"],
        "data": ["mesh": "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"],
    ]
    private let known: JSONValue = [
        "kind": "ServiceEntry", "metadata": ["name": "api", "namespace": "default"],
        "spec": [
            "hosts": ["api.example.com"], "resolution": "DNS",
            "ports": [["number": 80, "name": "http", "protocol": "HTTP", "targetPort": 443]],
        ],
    ]

    @Test("it has no endpoints; what happens stands under `outside`, and for the whole flow")
    func shape() async throws {
        let report = try await explain(
            [registryOnly, pod("default/web-0", "sidecar")], "default/pod/web-0",
            "api.example.com:443")
        #expect(report["kind"] == "FlowExplanation" && report["formatVersion"] == "1.0")
        #expect(report["to"] == "api.example.com:443")
        #expect(report["endpoints"] == [])
        #expect(report["outcome"] == "refused" && report["reason"] == "registry-only")
        let outside = try #require(report["outside"]?.array?.first)
        #expect(
            outside == [
                "host": "api.example.com", "port": 443, "sent": "plaintext",
                "sentBecause": "outside-egress", "outcome": "refused", "reason": "registry-only",
                "seenAs": ["Connection reset by peer (BlackHoleCluster)"],
            ])
    }

    @Test("both forms are taken, with a rule's TLS, and other planes as they are")
    func verdicts() async throws {
        let rule = rule("default/api", host: "api.example.com", ["tls": ["mode": "SIMPLE"]])
        func told(_ plane: String, _ to: String) async throws -> String {
            let report = try await explain(
                [registryOnly, known, rule, pod("default/web-0", plane)], "default/pod/web-0", to)
            let only = report["outside"]?.array?.first ?? .null
            return ["sent", "sentBecause", "outcome"].map { only[$0]?.string ?? "?" }
                .joined(separator: " ")
        }
        #expect(try await told("sidecar", "api.example.com:80") == "tls destination-rule carried")
        #expect(
            try await told("sidecar", "host/API.example.com:80") == "tls destination-rule carried")
        #expect(
            try await told("sidecar", "host/db:5432") == "plaintext outside-egress refused")
        #expect(
            try await told("ambient", "api.example.com:81")
                == "plaintext host-outside-mesh carried")
        #expect(
            try await told("none", "api.example.com:81")
                == "plaintext client-without-proxy carried")
    }

    @Test("pods of a workload that fare differently are told apart")
    func mixed() async throws {
        let report = try await explain(
            [
                registryOnly, owned(pod("default/web-0", "sidecar"), by: "StatefulSet", "web"),
                owned(pod("default/web-1", "none"), by: "StatefulSet", "web"),
            ],
            "default/statefulset/web", "api.example.com:443")
        #expect(report["outcome"] == "mixed")
        #expect(report["reason"] == nil)
        let outside = report["outside"]?.array ?? []
        #expect(outside.map { $0["client"] } == ["default/web-0", "default/web-1"])
    }

    @Test("the cluster's own names and addresses mean what they are of")
    func ownNames() async throws {
        let objects = [
            strict, pod("default/api-0", "none"),
            pod("default/web-0", "sidecar", app: "web", ip: "10.0.0.5"),
            service("default/web", app: "web"),
        ]
        let refused = "plaintext refused strict-refuses-plaintext"
        for to in ["web.default.svc.cluster.local:80", "10.0.0.5:3000"] {
            #expect(try await verdict(objects, "default/pod/api-0", to) == refused)
        }
    }

    @Test("in text the host has a line of its own, with the words for the reason")
    func text() async throws {
        let result = try await run(
            [registryOnly, pod("default/web-0", "sidecar")], "default/pod/web-0",
            "api.example.com:443")
        #expect(result.code == 0)
        #expect(result.output.contains("HOST"))
        #expect(result.output.contains("api.example.com  443"))
        #expect(result.output.contains("drops what it does not know"))
        #expect(result.output.contains("Outcome: refused"))
    }

    @Test(
        "what is no host is told what to write",
        arguments: ["web:80", "api.example.com", "api.example.com:0", "a..b:80", "host/-x:80"])
    func usage(to: String) async throws {
        let result = try await run([pod("default/web-0")], "default/pod/web-0", to)
        #expect(result.code == 64)
        #expect(result.errors.contains("names no server"))
    }
}
