import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// `shop/hook` with sidecars behind a Service whose port 443 leads to 9443.
func plaintextServer(plane: PodDataplane = .sidecar, node: String = "node-1") -> MeshState {
    mesh(
        namespace("shop", labels: plane == .ambient ? ambientLabels : sidecarLabels),
        deployment("shop/hook", labels: injected("hook"), plane: plane),
        pod("kube-system/agent", labels: ["app": "agent"], nodeName: node, hostNetwork: true)
    ).with([service("shop/hook", 443, to: 9443)])
}

@Suite("Webhooks and aggregated APIs behind STRICT")
struct WebhookBehindStrictTests {
    private func found(
        from client: Flow.Client = .apiServer, _ origin: FlowInference = .webhook,
        _ certainty: Flow.Certainty = .doubtful, exceptions: [ExceptionEntry] = [],
        on state: MeshState = plaintextServer()
    ) -> [Diagnostic] {
        told(
            by: WebhookBehindStrict.self,
            plan(entry("shop", mtls: .strict, exceptions: exceptions)), on: state,
            [
                flow(
                    from: client, to: serviceServer("shop/hook", 443), certainty,
                    origin: .inferred(origin))
            ])
    }

    @Test("a doubtful call of the API server that would be refused names the container port")
    func warns() throws {
        for origin in [FlowInference.webhook, .apiService] {
            let only = try #require(found(origin).first)
            #expect(only.code == .webhookBehindStrict && only.severity == .warning)
            #expect(only.message.contains("would be refused on container port 9443"))
            #expect(only.remedy?.contains("ports: {9443: PERMISSIVE}") == true)
            #expect(only.detail.contains("a test says so"))
        }
    }

    private func found(_ origin: FlowInference) -> [Diagnostic] {
        found(from: .apiServer, origin, .doubtful)
    }

    @Test("a sure call is the search's to report, but not one that is refused today already")
    func sure() {
        #expect(found(from: .apiServer, .webhook, .sure).isEmpty)
        var strict = plaintextServer()
        strict.peerAuthentications = policy("istio-system/default", .strict).policies
        #expect(found(from: .apiServer, .webhook, .sure, on: strict).count == 1)
    }

    @Test("an exception is enough, and other flows are other hazards'")
    func fine() {
        let except = exception("hook", ["app": "hook"], [9443: .permissive])
        #expect(found(from: .apiServer, .webhook, .doubtful, exceptions: [except]).isEmpty)
        #expect(found(from: .external, .nodePort, .doubtful).isEmpty)
    }

    /// The ambient server on `node-1`, the API server on these nodes.
    private func ambient(apiServerOn nodes: String..., ofNodes count: Int = 3) -> MeshState {
        var state = mesh(
            [namespace("shop", labels: ambientLabels)]
                + [deployment("shop/hook", labels: injected("hook"), plane: .ambient)]
                + nodes.map {
                    pod(
                        "kube-system/api-\($0)", labels: ["component": "kube-apiserver"],
                        nodeName: $0, hostNetwork: true)
                }
        ).with([service("shop/hook", 443, to: 9443)])
        state.surroundings.nodes = (1...count).map {
            ClusterNode(name: "node-\($0)", kubeletVersion: "v1.33.2")
        }
        return state
    }

    @Test("what works because the pod is on the API server's node is warned of, sure or not")
    func sharedNode() throws {
        for certainty in [Flow.Certainty.sure, .doubtful] {
            let found = found(
                from: .apiServer, .webhook, certainty, on: ambient(apiServerOn: "node-1"))
            let only = try #require(found.first)
            #expect(only.severity == .warning)
            #expect(
                only.message
                    == "apiserver->shop/service/hook:443 works only while client and pod share a "
                    + "node, on container port 9443")
            #expect(only.detail.contains("From another node it is refused, and pods move."))
            #expect(only.remedy?.contains("ports: {9443: PERMISSIVE}") == true)
        }
    }

    @Test("in a cluster of one node that is a note; PERMISSIVE and an exception say nothing")
    func onlyNode() {
        let alone = ambient(apiServerOn: "node-1", ofNodes: 1)
        #expect(found(on: alone).severities == [.note])
        let except = exception("hook", ["app": "hook"], [9443: .permissive])
        #expect(found(exceptions: [except], on: ambient(apiServerOn: "node-1")).isEmpty)
        let open = told(
            by: WebhookBehindStrict.self, plan(entry("shop", mtls: .permissive)),
            on: ambient(apiServerOn: "node-1"),
            [flow(from: .apiServer, to: serviceServer("shop/hook", 443))])
        #expect(open.isEmpty)
    }

    @Test("from several nodes, one of them the pod's, it depends on the node")
    func severalNodes() {
        let found = found(on: ambient(apiServerOn: "node-1", "node-2"))
        #expect(found.first?.message.contains("may be refused, depending on the node") == true)
    }
}
