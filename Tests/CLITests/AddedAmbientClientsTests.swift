import JSON
import Testing

/// Clients added to `home-cluster`, which is in ambient mode on two nodes and about to be STRICT.
@Suite("Clients added to an ambient mesh")
struct AddedAmbientClientsTests: AddedClients {
    private static let name = "home-cluster"
    private static let api = "http://mirai-api.default.svc.cluster.local:8080"

    private func declared(_ client: String, _ server: String) -> (String) -> String {
        inSpec("flows:\n  - {from: \(client), to: \(server)}")
    }

    @Test("a NodePort to an ambient pod blocks STRICT, and the remedy, pasted, unblocks it")
    func nodePort() async throws {
        let entrance = service(
            "default/mirai-api-debug", selector: ["app": "mirai-api"],
            ports: [("http", 8080, 8080)], type: "NodePort")
        let blocked = try await plan(Self.name, adding: [entrance])
        #expect(blocked.isBlocked)
        let found = try #require(blocked.errors.first)
        #expect(
            found["message"] == "external->default/service/mirai-api-debug:8080 would be refused")
        let open = try await plan(
            Self.name, adding: [entrance], under("default", try pasted(found)))
        #expect(!open.isBlocked)
        #expect(
            open.port(8080, of: "default/Deployment/mirai-api") == "PERMISSIVE PERMISSIVE 1 1 0")
    }

    private func webhookObjects(apiServers: [String]) -> [JSONValue] {
        apiServers.map(apiServer) + [
            workload("Deployment", "default/policy", ports: [9443]),
            service("default/policy", ports: [("https", 443, 9443)]),
            webhook(for: "default/policy"),
        ]
    }

    @Test(
        "the API server is refused by a webhook's ambient pod from elsewhere; on its node, who knows",
        arguments: [
            ([], "refused", "strict-refuses-tls"),
            (["kube-1", "kube-2"], "impossible to judge", "node-unknown"),
        ]
    )
    func webhookServer(nodes: [String], outcome: String, reason: String) async throws {
        let objects = webhookObjects(apiServers: nodes)
        let blocked = try await plan(Self.name, adding: objects)
        #expect(blocked.isBlocked)
        let found = try #require(blocked.errors.first)
        #expect(
            found["message"] == .string("apiserver->default/service/policy:443 would be \(outcome)")
        )
        #expect(found["detail"]?.string?.contains(reason) == true)
        let remedy = try pasted(found)
        #expect(remedy.contains("ports: {9443: PERMISSIVE}"))
        let open = try await plan(Self.name, adding: objects, under("default", remedy))
        #expect(!open.isBlocked)
    }

    @Test("an ambient client may call a pod by its address, one outside the mesh may not")
    func podAddress() async throws {
        let server = "{namespace: monitoring, pod: prometheus-0, port: 9090}"
        let ambient = try await plan(
            Self.name, adding: [],
            declared("{namespace: default, workload: mirai-api}", server))
        #expect(!ambient.isBlocked)
        #expect(
            ambient.port(9090, of: "monitoring/StatefulSet/prometheus")
                == "PERMISSIVE STRICT 2 0 0")
        let outside = try await plan(
            Self.name, adding: [],
            declared("{namespace: ingress, workload: cloudflared}", server))
        #expect(outside.isBlocked)
        #expect(outside.hazards == [.init(code: "flow-would-break", severity: "error")])
    }

    private let sidecarServer = "http://ledger.legacy.svc.cluster.local:8080"

    private var untunnelled: [JSONValue] {
        [
            injectedNamespace("legacy"),
            workload("Deployment", "legacy/ledger", ports: [8080]),
            service("legacy/ledger", ports: [("http", 8080, 8080)]),
            workload("Deployment", "default/buyer", calls: sidecarServer),
        ]
    }

    private let legacyStrict = "    - {name: legacy, dataplane: sidecar, mtls: STRICT}\n"

    private func listing(_ entry: String) -> (String) -> String {
        { $0.replacing("    - name: monitoring\n", with: entry + "    - name: monitoring\n") }
    }

    @Test(
        "a sidecar without the tunnel label refuses ambient clients under STRICT: an exception helps"
    )
    func untunnelledSidecar() async throws {
        let blocked = try await plan(Self.name, adding: untunnelled, listing(legacyStrict))
        #expect(blocked.isBlocked)
        let found = try #require(blocked.hazard("flow-would-break"))
        #expect(
            found["message"]
                == "default/deployment/buyer->legacy/service/ledger:8080 would be refused")
        let detail = try #require(found["detail"]?.string)
        #expect(detail.contains("PeerAuthentication legacy/default, stage strict"))
        #expect(detail.contains("injected without HBONE"))
        // No new sidecar of this mesh would take HBONE either.
        let remedy = try pasted(found)
        #expect(remedy.hasPrefix("exceptions:\n") && remedy.contains("ports: {8080: PERMISSIVE}"))
        let open = try await plan(Self.name, adding: untunnelled) {
            under("legacy", remedy)(
                listing(
                    "    - name: legacy\n      dataplane: sidecar\n      mtls: STRICT\n")($0))
        }
        #expect(!open.isBlocked)
        #expect(
            open.port(8080, of: "legacy/Deployment/ledger") == "PERMISSIVE PERMISSIVE 0 1 0")
    }

    @Test("a sidecar that calls the same server needs nothing")
    func sidecarClient() async throws {
        let objects = untunnelled.dropLast()
        let client = workload("Deployment", "legacy/buyer", calls: sidecarServer)
        let found = try await plan(Self.name, adding: objects + [client], listing(legacyStrict))
        #expect(!found.isBlocked)
        #expect(found.port(8080, of: "legacy/Deployment/ledger") == "PERMISSIVE STRICT 1 0 0")
    }

    @Test("a node agent is refused by ambient pods on other nodes, and gets past on its own")
    func nodeAgent() async throws {
        let agent = workload(
            "DaemonSet", "kube-system/agent", calls: Self.api, hostNetwork: true)
        let found = try await plan(Self.name, adding: [agent])
        #expect(found.isBlocked)
        #expect(
            found.errors.first?["message"]
                == "kube-system/daemonset/agent->default/service/mirai-api:8080 would be refused")

        try await LiveSandbox.with(Self.name) { meshctl, sandbox in
            try sandbox.add(agent)
            try await sandbox.pass(.seconds(120))
            #expect(
                await meshctl(
                    "apply", "--yes", "--accept-breaking",
                    "kube-system/daemonset/agent->default/service/mirai-api:8080"
                ).code == 0)
            let told = await meshctl(
                "explain", "--from", "kube-system/daemonset/agent", "--to",
                "default/service/mirai-api:8080", "-o", "json")
            #expect(told.output.contains("\"bypassed\""))
            #expect(told.output.contains("\"refused\""))
        }
    }

    @Test(
        "a CronJob in a namespace that gets enrolled calls by HBONE at its next run; another is refused"
    )
    func cronJob() async throws {
        let enrolled = try await plan(
            Self.name, adding: [workload("CronJob", "media/report", calls: Self.api)])
        #expect(!enrolled.isBlocked)
        #expect(
            enrolled.port(8080, of: "default/Deployment/mirai-api") == "PERMISSIVE STRICT 2 0 0")
        let outside = try await plan(
            Self.name, adding: [workload("CronJob", "ingress/report", calls: Self.api)])
        #expect(outside.isBlocked)
        #expect(outside.hazards == [.init(code: "flow-would-break", severity: "error")])
    }
}
