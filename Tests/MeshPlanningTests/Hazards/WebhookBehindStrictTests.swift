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
}
