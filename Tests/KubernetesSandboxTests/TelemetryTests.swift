import Diagnostics
import HTTPTypes
import JSON
import Testing
import Timing
import YAML

@testable import KubernetesSandbox

/// Metrics and logs of the sandbox's proxies, read as anybody would.
@Suite struct TelemetryTests {
    @Test("a ztunnel's page is OpenMetrics with Istio's names, and says who sent plaintext")
    func ztunnelPage() throws {
        var test = try TestCluster(scenario: "home-cluster")
        test.pass(.seconds(600))
        let page = try test.ztunnelPages()
        #expect(page.contains("# TYPE istio_tcp_connections_opened counter\n"))
        #expect(page.hasSuffix("# EOF\n"))
        // cloudflared is outside the mesh: 60 a minute for ten minutes, less what was before the first second.
        let plain = test.sum(
            page, "istio_tcp_connections_closed_total",
            [
                "reporter": "destination", "connection_security_policy": "unknown",
                "destination_workload": "mirai-frontend", "source_workload": "cloudflared",
                "source_principal": "unknown", "response_flags": "-",
            ])
        #expect(plain == 600)
        for reporter in ["source", "destination"] {
            let encrypted = test.sum(
                page, "istio_tcp_connections_opened_total",
                [
                    "reporter": reporter, "connection_security_policy": "mutual_tls",
                    "source_principal": "spiffe://cluster.local/ns/default/sa/default",
                    "destination_service_name": "mirai-api",
                ])
            #expect(encrypted == 1200)
        }
        #expect(!page.contains("DENY"))
    }

    @Test(
        "under STRICT plaintext is refused once the policy has arrived: counted, logged, and told by the client"
    )
    func strict() throws {
        var test = try TestCluster(scenario: "home-cluster")
        var policy = TestCluster.peerAuthentication("STRICT")
        policy.set(["metadata", "namespace"], "default")
        try test.create(
            "/apis/security.istio.io/v1/namespaces/default/peerauthentications", policy)
        test.pass(.seconds(1))
        #expect(try !test.ztunnelPages().contains("DENY"))
        test.pass(.seconds(601))
        let page = try test.ztunnelPages()
        let denied = [
            "reporter": "destination", "response_flags": "DENY", "source_workload": "cloudflared",
            "destination_workload": "mirai-frontend", "connection_security_policy": "unknown",
        ]
        let refused = test.sum(page, "istio_tcp_connections_failed_total", denied)
        #expect((598...601).contains(refused))
        #expect(test.sum(page, "istio_tcp_connections_closed_total", denied) == refused)
        // What carries a certificate goes on.
        #expect(
            test.sum(
                page, "istio_tcp_connections_closed_total",
                ["response_flags": "-", "destination_service_name": "mirai-api"]) > 2400)
        let log = try test.logs("istio-system", "ztunnel", "sinceSeconds=60")
        let line = try #require(
            log.split(separator: "\n").first { $0.contains("istio_converted_static_strict") })
        #expect(line.contains("\terror\taccess\tconnection complete\tsrc.addr=10.244."))
        #expect(line.contains("src.workload=\"cloudflared-"))
        #expect(
            line.hasSuffix(
                "error=\"connection closed due to policy rejection: explicitly denied by: "
                    + "istio-system/istio_converted_static_strict\""))
        #expect(!line.contains("src.identity"))
        let client = try test.logs("ingress", "cloudflared", "")
        #expect(client.contains("curl: (56) Recv failure: Connection reset by peer"))
    }

    @Test(
        "sidecars: the server tells plaintext from mTLS, the client never; a refusal is a missing filter chain"
    )
    func sidecars() throws {
        var test = try TestCluster(scenario: "cloudflare-actuator")
        test.pass(.seconds(300))
        let page = try test.pages("app", "sg-cloud-gateway", 15020, "stats/prometheus")
        #expect(
            test.sum(
                page, "istio_requests_total",
                [
                    "reporter": "destination", "connection_security_policy": "mutual_tls",
                    "source_workload": "cloudflared", "response_code": "200",
                ]) == 600)
        #expect(page.contains("connection_security_policy=\"unknown\""))
        #expect(!page.contains("reporter=\"source\",source_workload=\"unknown\""))
        // Plaintext, since the rule of this name says so, is refused under STRICT.
        try test.create(
            "/apis/networking.istio.io/v1/namespaces/app/destinationrules",
            [
                "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
                "metadata": ["name": "plain", "namespace": "app"],
                "spec": [
                    "host": "sg-cloud-gateway.app.svc.cluster.local",
                    "trafficPolicy": ["tls": ["mode": "DISABLE"]],
                ],
            ])
        test.pass(.seconds(120))
        let plain = try test.pages("app", "sg-cloud-gateway", 15090, "stats/prometheus")
        #expect(
            test.sum(
                plain, "istio_requests_total",
                [
                    "reporter": "destination", "connection_security_policy": "none",
                    "source_workload": "unknown", "source_principal": "unknown",
                ]) > 200)
        #expect(test.sum(plain, "envoy_listener_no_filter_chain_match", [:]) == 0)
        let sender = try test.pages("cloudflare", "cloudflared", 15020, "stats/prometheus")
        #expect(
            test.sum(
                sender, "istio_requests_total",
                ["reporter": "source", "source_principal": "unknown", "response_code": "200"])
                > 200)
        var policy = TestCluster.peerAuthentication("STRICT")
        policy.set(["metadata", "namespace"], "app")
        try test.create("/apis/security.istio.io/v1/namespaces/app/peerauthentications", policy)
        test.pass(.seconds(120))
        let refused = try test.pages("app", "sg-cloud-gateway", 15020, "stats/prometheus")
        #expect(test.sum(refused, "envoy_listener_no_filter_chain_match", [:]) > 200)
        let clients = try test.pages("cloudflare", "cloudflared", 15020, "stats/prometheus")
        #expect(
            test.sum(
                clients, "istio_requests_total", ["response_code": "503", "response_flags": "UC"])
                > 200)
        let log = try test.logs("app", "sg-cloud-gateway", "container=istio-proxy&sinceSeconds=60")
        #expect(log.contains("0 NR filter_chain_not_found"))
        let application = try test.logs("cloudflare", "cloudflared", "container=cloudflared")
        #expect(application.contains("upstream connect error or disconnect/reset before headers"))
    }

    @Test("a proxy that is new counts from nothing, and the others go on")
    func reset() throws {
        var test = try TestCluster(scenario: "cloudflare-actuator")
        test.pass(.seconds(600))
        let before = try test.pages("app", "orders", 15020, "stats/prometheus")
        let old = test.sum(before, "istio_requests_total", ["reporter": "destination"])
        #expect(old == 600)
        try test.mergePatch(
            "/apis/apps/v1/namespaces/app/deployments/orders", TestCluster.restart("now"))
        test.pass(.seconds(60))
        let after = try test.pages("app", "orders", 15020, "stats/prometheus")
        let new = test.sum(after, "istio_requests_total", ["reporter": "destination"])
        #expect(new > 30 && new < 60)
        let client = try test.pages("app", "sg-cloud-gateway", 15020, "stats/prometheus")
        let sent = test.sum(client, "istio_requests_total", ["reporter": "source"])
        #expect(sent >= 655)
    }

    @Test("when and how often one looks changes nothing, and equal inputs give equal bytes")
    func determinism() throws {
        func live(looking: Bool) throws -> (String, String) {
            var test = try TestCluster(scenario: "home-cluster")
            for (number, mode) in ["STRICT", "PERMISSIVE", "STRICT"].enumerated() {
                var policy = TestCluster.peerAuthentication(mode, name: "p\(number)")
                policy.set(["metadata", "namespace"], "default")
                policy.set(["spec", "selector"], ["matchLabels": ["app": "mirai-frontend"]])
                try test.create(
                    "/apis/security.istio.io/v1/namespaces/default/peerauthentications", policy)
                try test.mergePatch(
                    "/apis/apps/v1/namespaces/default/deployments/mirai-frontend",
                    TestCluster.restart("\(number)"))
                for _ in 0..<20 {
                    test.pass(.milliseconds(1700))
                    if looking { _ = try test.ztunnelPages() }
                }
            }
            return (try test.ztunnelPages(), try test.logs("istio-system", "ztunnel", ""))
        }
        let (page, log) = try live(looking: false)
        let (other, otherLog) = try live(looking: true)
        #expect(page == other)
        #expect(log == otherLog)
        #expect(page.contains("DENY"))
        #expect(try live(looking: false) == (page, log))
    }

    @Test("kept and read again, the counters go on where they were")
    func kept() throws {
        var test = try TestCluster(scenario: "home-cluster")
        test.pass(.seconds(90))
        try test.mergePatch(
            "/apis/apps/v1/namespaces/default/deployments/mirai-api", TestCluster.restart("now"))
        test.pass(.seconds(30))
        var other = test
        let traffic = try #require(test.cluster.traffic)
        let ledger = try JSONValue(encoding: traffic.ledger).decoded(as: TrafficLedger.self)
        let changes = traffic.changes.compactMap { TrafficChange($0.document) }
        #expect(!changes.isEmpty)
        other.cluster = SandboxCluster(
            test.cluster.bookkeeping, objects: test.cluster.allObjects,
            traffic: Traffic(ledger, changes: changes))
        #expect(try other.ztunnelPages() == test.ztunnelPages())
        #expect(
            try other.logs("istio-system", "ztunnel", "")
                == test.logs("istio-system", "ztunnel", ""))
    }

    @Test("long afterwards the counters still know everything, in few words")
    func folding() throws {
        var test = try TestCluster(scenario: "home-cluster")
        for day in 0..<10 {
            for _ in 0..<4 {
                try test.mergePatch(
                    "/apis/apps/v1/namespaces/default/deployments/mirai-frontend",
                    TestCluster.restart("\(day) \(test.cluster.now.milliseconds)"))
                test.pass(.seconds(21_600))
            }
            _ = try test.ztunnelPages()
        }
        let page = try test.ztunnelPages()
        let plain = test.sum(
            page, "istio_tcp_connections_closed_total",
            ["reporter": "destination", "source_workload": "cloudflared"])
        #expect(plain == 10 * 86_400)
        #expect(try #require(test.cluster.traffic).ledger.episodes.count < 600)
    }

    @Test("a cluster without traffic serves pages too, and empty counters")
    func noTraffic() throws {
        let source = """
            kind: SandboxScenario
            name: still
            start: 2026-11-20T09:00:00Z
            nodes: [kube-1]
            istio: {version: 1.24.0, ambient: true}
            namespaces: {}
            """
        let scenario = try Scenario(SourceText(name: "still.yaml", text: source))
        var test = TestCluster(cluster: try SandboxCluster(scenario, seed: 1))
        test.pass(.seconds(60))
        let page = try test.ztunnelPages()
        #expect(page.contains("istio_build{component=\"ztunnel\",tag=\"1.24.0\"} 1\n"))
        #expect(!page.contains("connections"))
    }
}

extension TestCluster {
    init(cluster: SandboxCluster) { self.cluster = cluster }

    mutating func text(_ target: String) throws -> (status: Int, type: String, text: String) {
        guard case .response(let response) = cluster.handle(SandboxRequest(.get, target)) else {
            throw UnexpectedWatch()
        }
        return (
            response.status, response.contentType, String(decoding: response.body, as: UTF8.self)
        )
    }

    mutating func names(_ namespace: String, of workload: String) throws -> [String] {
        try items("/api/v1/namespaces/\(namespace)/pods").map(\.name)
            .filter { $0.hasPrefix(workload + "-") }
    }

    /// The pages of all pods of a workload, one after the other.
    mutating func pages(
        _ namespace: String, _ workload: String, _ port: Int, _ path: String
    ) throws -> String {
        try names(namespace, of: workload).map { name in
            let (status, _, text) = try text(
                "/api/v1/namespaces/\(namespace)/pods/\(name):\(port)/proxy/\(path)")
            #expect(status == 200, "\(text)")
            return text
        }.joined()
    }

    mutating func ztunnelPages() throws -> String {
        try pages("istio-system", "ztunnel", 15020, "stats/prometheus")
    }

    mutating func logs(_ namespace: String, _ workload: String, _ query: String) throws -> String {
        try names(namespace, of: workload).map { name in
            let (status, _, text) = try text(
                "/api/v1/namespaces/\(namespace)/pods/\(name)/log?\(query)")
            #expect(status == 200, "\(text)")
            return text
        }.joined()
    }

    /// The sum of a metric's samples that have these labels.
    func sum(_ page: String, _ metric: String, _ labels: [String: String]) -> Int {
        page.split(separator: "\n").filter { line in
            line.hasPrefix(metric + "{")
                && labels.allSatisfy {
                    line.contains("{\($0.key)=\"\($0.value)\"")
                        || line.contains(",\($0.key)=\"\($0.value)\"")
                }
        }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }
}

/// The pages of a small cluster, to the last byte.
@Suite struct TelemetryGoldenTests {
    private let scenario = """
        kind: SandboxScenario
        name: two
        start: 2026-11-20T09:00:00Z
        nodes: [kube-1]
        istio: {version: 1.24.0}
        namespaces:
          shop:
            labels: {istio-injection: enabled}
            workloads:
              cart:
                labels: {app: cart, version: v2}
                ports: {http: 8080}
                service: {ports: {http: 8080}}
          web:
            workloads:
              curl: {}
        traffic:
          - {from: {namespace: web, workload: curl}, to: {namespace: shop, service: cart, port: 8080}, perMinute: 6}
        """

    private func cluster() throws -> TestCluster {
        let source = SourceText(name: "two.yaml", text: scenario)
        var test = TestCluster(cluster: try SandboxCluster(Scenario(source), seed: 7))
        test.pass(.seconds(120))
        return test
    }

    @Test("a sidecar's page")
    func sidecar() throws {
        var test = try cluster()
        let page = try test.pages("shop", "cart", 15020, "stats/prometheus")
        #expect(
            page == """
                # TYPE istio_build gauge
                istio_build{component="proxy",tag="1.24.0"} 1
                # TYPE istio_requests_total counter
                istio_requests_total{reporter="destination",source_workload="unknown",\
                source_canonical_service="unknown",source_canonical_revision="latest",\
                source_workload_namespace="unknown",source_principal="unknown",source_app="unknown",\
                source_version="unknown",source_cluster="unknown",destination_workload="cart",\
                destination_workload_namespace="shop",destination_principal="unknown",\
                destination_app="cart",destination_version="v2",\
                destination_service="cart.shop.svc.cluster.local",destination_canonical_service="cart",\
                destination_canonical_revision="v2",destination_service_name="cart",\
                destination_service_namespace="shop",destination_cluster="Kubernetes",\
                request_protocol="http",response_code="200",grpc_response_status="",\
                response_flags="-",connection_security_policy="none"} 12
                # TYPE envoy_listener_no_filter_chain_match counter
                envoy_listener_no_filter_chain_match{listener_address="0.0.0.0_15006"} 0
                # TYPE envoy_listener_ssl_handshake counter
                envoy_listener_ssl_handshake{listener_address="0.0.0.0_15006"} 0
                # TYPE envoy_listener_ssl_connection_error counter
                envoy_listener_ssl_connection_error{listener_address="0.0.0.0_15006"} 0
                # TYPE envoy_listener_ssl_fail_verify_no_cert counter
                envoy_listener_ssl_fail_verify_no_cert{listener_address="0.0.0.0_15006"} 0

                """)
    }

    @Test("what is refused for a moment is counted exactly, and its first request logged")
    func moment() throws {
        for offset in stride(from: 0, to: 20, by: 4) {
            var test = try cluster()
            test.pass(.seconds(offset))
            let path = "/apis/security.istio.io/v1/namespaces/shop/peerauthentications"
            try test.create(path, TestCluster.peerAuthentication("STRICT"))
            let refusedFrom = test.cluster.now + .seconds(2)
            test.pass(.seconds(20))
            try test.send(.delete, "\(path)/default")
            test.pass(.seconds(40 - offset))
            let page = try test.pages("shop", "cart", 15090, "stats/prometheus")
            #expect(test.sum(page, "envoy_listener_no_filter_chain_match", [:]) == 2)
            #expect(test.sum(page, "istio_requests_total", [:]) == 16)
            let lines = try test.logs("web", "curl", "").split(separator: "\n").dropFirst()
            let first = try #require(lines.first)
            let time = try #require(Timestamp(rfc3339: String(first.prefix { $0 != " " })))
            #expect(time > refusedFrom && time - refusedFrom <= .seconds(10), "\(offset)")
            for line in lines {
                #expect(
                    line.hasSuffix(
                        " GET http://cart.shop.svc.cluster.local:8080/: curl: (56) Recv failure: "
                            + "Connection reset by peer"))
            }
        }
    }
}
