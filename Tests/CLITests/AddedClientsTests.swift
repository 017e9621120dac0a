import Foundation
import JSON
import Testing

/// Clients added to `resilient-platform`, whose namespace is about to get sidecars and STRICT.
@Suite("Clients added to a mesh of sidecars")
struct AddedClientsTests: AddedClients {
    private static let name = "resilient-platform"
    private static let backend = "resilient-platform/Deployment/backend"

    /// The same client under `flows` of the plan file.
    private func declared(_ client: String, _ server: String) -> (String) -> String {
        inSpec("flows:\n  - {from: \(client), to: \(server)}")
    }

    private var backendPort: JSONValue {
        service(
            "resilient-platform/backend-debug",
            selector: [
                "app.kubernetes.io/name": "resilient-platform",
                "app.kubernetes.io/component": "backend",
            ], ports: [("http", 9000, 8080)], type: "NodePort")
    }

    @Test("a NodePort to another port blocks STRICT, and the remedy, pasted, unblocks it")
    func nodePort() async throws {
        let blocked = try await plan(Self.name, adding: [backendPort])
        #expect(blocked.isBlocked)
        #expect(blocked.hazards == [.init(code: "flow-would-break", severity: "error")])
        let found = try #require(blocked.errors.first)
        #expect(
            found["message"]
                == "external->resilient-platform/service/backend-debug:9000 would be refused")
        let detail = try #require(found["detail"]?.string)
        #expect(detail.contains("PeerAuthentication resilient-platform/default, stage strict"))
        #expect(detail.contains("strict-refuses-plaintext"))

        let remedy = try pasted(found)
        #expect(remedy.contains("ports: {8080: PERMISSIVE}"))
        let open = try await plan(Self.name, adding: [backendPort], under(Self.name, remedy))
        #expect(!open.isBlocked)
        #expect(open.port(8080, of: Self.backend) == "NONE PERMISSIVE 1 1 0")
        let exception = "PeerAuthentication resilient-platform/meshctl-backend"
        #expect(open.steps.contains("strict update \(exception)"))
        let order = open.steps.filter { $0.hasPrefix("strict ") }
        #expect(order.last == "strict update PeerAuthentication resilient-platform/default")
    }

    private var policyServer: [JSONValue] {
        [
            workload("Deployment", "resilient-platform/policy", ports: [9443]),
            service("resilient-platform/policy", ports: [("https", 443, 9443)]),
        ]
    }

    @Test("a webhook in the namespace blocks STRICT, by the container port and the TLS of its own")
    func webhookServer() async throws {
        let quiet = try await plan(Self.name, adding: policyServer)
        #expect(!quiet.isBlocked)

        let objects = policyServer + [webhook(for: "resilient-platform/policy")]
        let blocked = try await plan(Self.name, adding: objects)
        #expect(blocked.isBlocked)
        let found = try #require(blocked.errors.first)
        #expect(
            found["message"]
                == "apiserver->resilient-platform/service/policy:443 would be refused")
        #expect(found["detail"]?.string?.contains("strict-refuses-tls") == true)
        let remedy = try pasted(found)
        #expect(remedy.contains("ports: {9443: PERMISSIVE}"))
        let open = try await plan(Self.name, adding: objects, under(Self.name, remedy))
        #expect(!open.isBlocked)
        #expect(
            open.port(9443, of: "resilient-platform/Deployment/policy") == "NONE PERMISSIVE 0 1 0")
    }

    @Test(
        "the TLS of a webhook whose port is declared as HTTP ends with the sidecar, before STRICT")
    func webhookOnHTTPPort() async throws {
        let found = try await plan(
            Self.name,
            adding: [
                policyServer[0],
                service("resilient-platform/policy", ports: [("http", 443, 9443)]),
                webhook(for: "resilient-platform/policy"),
            ])
        #expect(found.isBlocked)
        let detail = try #require(found.errors.first?["detail"]?.string)
        #expect(detail.contains("http-port-refuses-tls"))
        #expect(detail.contains("stage enroll"))
    }

    private var headless: [JSONValue] {
        [
            workload("StatefulSet", "resilient-platform/ring", ports: [9042], replicas: 3),
            service("resilient-platform/ring", ports: [("tcp-cql", 9042, 9042)], headless: true),
            injectedNamespace("tools"),
            workload(
                "Deployment", "tools/reader",
                calls: "ring.resilient-platform.svc.cluster.local:9042"),
        ]
    }

    @Test("a headless StatefulSet is injected one by one in plaintext, and STRICT comes after")
    func headlessInjection() async throws {
        let found = try await plan(Self.name, adding: headless)
        #expect(!found.isBlocked, "\(found.entries)")
        #expect(
            found.port(9042, of: "resilient-platform/StatefulSet/ring") == "NONE STRICT 2 0 0")
        let restart = try #require(
            found.steps.firstIndex(of: "enroll restart StatefulSet resilient-platform/ring"))
        let strict = try #require(
            found.steps.firstIndex(
                of: "strict update PeerAuthentication resilient-platform/default"))
        #expect(restart < strict)
    }

    @Test("the same StatefulSet under a STRICT that is there already is not restarted")
    func headlessUnderStrict() async throws {
        let strict: JSONValue = [
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": ["name": "ring", "namespace": "resilient-platform"],
            "spec": [
                "selector": ["matchLabels": ["app": "ring"]], "mtls": ["mode": "STRICT"],
            ],
        ]
        let found = try await plan(Self.name, adding: headless + [strict])
        #expect(found.isBlocked)
        let broken = try #require(found.hazard("flow-would-break"))
        #expect(broken["detail"]?.string?.contains("restart StatefulSet") == true)
        #expect(broken["detail"]?.string?.contains("strict-refuses-plaintext") == true)
    }

    @Test("a sidecar that calls a pod by its address is refused under STRICT")
    func podAddress() async throws {
        let found = try await plan(
            Self.name,
            adding: [injectedNamespace("tools"), workload("Deployment", "tools/reader")],
            declared(
                "{namespace: tools, workload: reader}",
                "{namespace: resilient-platform, pod: postgres-0, port: 5432}"))
        #expect(found.isBlocked)
        let detail = try #require(found.errors.first?["detail"]?.string)
        #expect(detail.contains("strict-refuses-plaintext"))
        #expect(detail.contains("a sidecar passes calls to a pod's address through untouched"))
        #expect(detail.contains("take it out of flows"))
    }

    @Test("a declared flow to the Service of the same pod is carried")
    func serviceAddress() async throws {
        let found = try await plan(
            Self.name,
            adding: [injectedNamespace("tools"), workload("Deployment", "tools/reader")],
            declared(
                "{namespace: tools, workload: reader}",
                "{namespace: resilient-platform, service: postgres, port: 5432}"))
        #expect(!found.isBlocked)
        #expect(
            found.port(5432, of: "resilient-platform/StatefulSet/postgres") == "NONE STRICT 2 0 0")
    }

    private var excluded: [JSONValue] {
        [
            workload(
                "Deployment", "resilient-platform/metrics", ports: [8080, 9091],
                annotations: ["traffic.sidecar.istio.io/excludeInboundPorts": "9091"]),
            service(
                "resilient-platform/metrics", ports: [("http", 8080, 8080), ("http-m", 9091, 9091)]),
        ]
    }

    @Test("a port that the plan's injection would keep out of the sidecar has to be listed")
    func excludedPort() async throws {
        let found = try await plan(Self.name, adding: excluded)
        #expect(found.isBlocked)
        #expect(found.errors.map { $0["code"] } == ["unprotected-workload"])
        let listed = try await plan(
            Self.name, adding: excluded,
            under(
                Self.name,
                "unprotected:\n  - {selector: {app: metrics}, reason: scraped by everybody}"))
        #expect(!listed.isBlocked)
        #expect(listed.hazard("unprotected-workload")?["severity"] == "note")
    }

    @Test("a sidecar that calls it would send mTLS past the server's: the injection is blocked")
    func excludedPortClient() async throws {
        let client = workload(
            "Deployment", "resilient-platform/scraper",
            calls: "metrics.resilient-platform.svc.cluster.local:9091")
        let found = try await plan(Self.name, adding: excluded + [client])
        #expect(found.isBlocked)
        let broken = try #require(found.hazard("flow-would-break"))
        #expect(broken["message"]?.string?.hasSuffix(":9091 would be garbled") == true)
        #expect(broken["detail"]?.string?.contains("stage enroll") == true)
        #expect(broken["detail"]?.string?.contains("mtls-to-excluded-port") == true)
        let rule = try pasted(broken).split(separator: "\n").map { "  \($0)\n" }.joined()
        #expect(rule.contains("ports: {9091: DISABLE}"))
        let listed = under(
            Self.name, "unprotected:\n  - {selector: {app: metrics}, reason: scraped by everybody}")
        let pinned = try await plan(Self.name, adding: excluded + [client]) { listed($0) + rule }
        #expect(!pinned.isBlocked, "\(pinned.entries)")
        #expect(
            pinned.steps.first
                == "enroll create DestinationRule resilient-platform/meshctl-metrics")
    }

    @Test("a client that is garbled today blocks nothing, and is warned of")
    func excludedPortToday() async throws {
        let client = workload(
            "Deployment", "app/scraper", calls: "sg-cloud-gateway.app.svc.cluster.local:9091")
        let found = try await plan("cloudflare-actuator", adding: [client]) { text in
            (text.components(separatedBy: "  clients:").first ?? "") + "  rollout: {settle: 30s}\n"
        }
        #expect(!found.isBlocked)
        #expect(found.hazard("flow-would-break") == nil)
        #expect(found.hazard("excluded-port-clients")?["severity"] == "warning")
        #expect(found.hazard("unprotected-workload")?["severity"] == "note")
    }

    @Test("a node agent is refused by a sidecar on every node")
    func nodeAgent() async throws {
        let found = try await plan(
            Self.name,
            adding: [
                workload(
                    "DaemonSet", "kube-system/agent",
                    calls: "http://backend.resilient-platform.svc.cluster.local:8080",
                    hostNetwork: true)
            ])
        #expect(found.isBlocked)
        #expect(
            found.errors.first?["message"]
                == "kube-system/daemonset/agent->resilient-platform/service/backend:8080 would be refused"
        )
    }

    @Test("a CronJob outside the mesh blocks STRICT; where only a short name leads to it, it warns")
    func cronJob() async throws {
        func report(_ host: String) async throws -> PlanReport {
            try await plan(
                Self.name,
                adding: [workload("CronJob", "default/report", calls: "http://\(host):8080")])
        }
        let sure = try await report("backend.resilient-platform.svc.cluster.local")
        #expect(sure.isBlocked)
        #expect(sure.hazards == [.init(code: "flow-would-break", severity: "error")])
        let doubtful = try await report("backend.resilient-platform")
        #expect(!doubtful.isBlocked)
        #expect(doubtful.hazards == [.init(code: "flow-would-break", severity: "warning")])
        #expect(doubtful.port(8080, of: Self.backend) == "NONE STRICT 1 0 1")
    }
}
