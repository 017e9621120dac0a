import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Probes that bypass the sidecar's agent")
struct ProbeAfterInjectionTests {
    private func state(
        _ path: String, port: ServicePort.Target = .number(8080),
        annotations: [String: String] = [:], plane: PodDataplane = .sidecar
    ) -> MeshState {
        mesh(
            namespace("shop", labels: sidecarLabels),
            deployment(
                "shop/cart", labels: injected("cart"), annotations: annotations, plane: plane)
        ).editingPods {
            $0.containers[0].ports = [Container.Port(name: "web", number: 8080)]
            $0.containers[0].probes = [Container.Probe(port: port, path: path)]
        }
    }

    private func found(_ state: MeshState, _ mode: MTLSMode = .strict) -> [Diagnostic] {
        told(by: ProbeAfterInjection.self, plan(entry("shop", .sidecar, mtls: mode)), on: state)
    }

    @Test("a probe of the application's port would be refused; the remedy excepts it")
    func refused() throws {
        for port in [ServicePort.Target.number(8080), .name("web")] {
            let found = found(state("/healthz", port: port))
            let only = try #require(found.first)
            #expect(found.count == 1 && only.code == .probeAfterInjection)
            #expect(only.severity == .error)
            #expect(only.message.contains("shop/Deployment/cart on port 8080"))
            #expect(only.remedy?.contains("selector: {app: cart}") == true)
            #expect(only.remedy?.contains("ports: {8080: PERMISSIVE}") == true)
        }
    }

    @Test("a probe that the injector led to the agent is fine, and so is one without STRICT")
    func fine() {
        #expect(found(state("/app-health/app/livez", port: .number(15020))).isEmpty)
        #expect(found(state("/healthz"), .permissive).isEmpty)
        let excluded = ["traffic.sidecar.istio.io/excludeInboundPorts": "8080"]
        #expect(found(state("/healthz", annotations: excluded)).isEmpty)
    }

    @Test("what a pod without a sidecar shows is rewritten when it gets one, unless told not to")
    func toBeInjected() {
        #expect(found(state("/healthz", plane: .none)).isEmpty)
        let off = ["sidecar.istio.io/rewriteAppHTTPProbers": "false"]
        #expect(found(state("/healthz", annotations: off, plane: .none)).count == 1)
    }

    @Test("an exception for the port is enough")
    func excepted() {
        let plan = plan(
            entry(
                "shop", .sidecar, mtls: .strict,
                exceptions: [exception("probes", ["app": "cart"], [8080: .permissive])]))
        #expect(told(by: ProbeAfterInjection.self, plan, on: state("/healthz")).isEmpty)
    }

    @Test("a port that is STRICT today is not the plan's doing")
    func already() {
        var state = state("/healthz")
        state.peerAuthentications =
            policy("shop/default", .strict, labels: madeBy(plan: "home"))
            .policies
        #expect(found(state).isEmpty)
    }
}
