import MeshModel
import Testing

@Suite("What handles a live pod's traffic")
struct PodDataplaneTests {
    static let proxy = Container(name: "istio-proxy")
    static let app = Container(name: "app")
    static let captured = ["ambient.istio.io/redirection": "enabled"]

    private func pod(
        _ containers: [Container] = [app], initContainers: [Container] = [],
        labels: [String: String] = [:], annotations: [String: String] = [:],
        hostNetwork: Bool = false, node: String = "node-1", phase: String = "Running",
        terminating: Bool = false
    ) -> Pod {
        Pod(
            meta: ObjectMeta(
                name: "p", namespace: "shop", labels: labels, annotations: annotations,
                isTerminating: terminating),
            hostNetwork: hostNetwork, nodeName: node, phase: phase, containers: containers,
            initContainers: initContainers)
    }

    @Test("a sidecar is a container, or a native sidecar, named istio-proxy")
    func sidecar() {
        #expect(pod([Self.app, Self.proxy]).dataplane == .sidecar)
        #expect(pod([Self.app], initContainers: [Self.proxy]).dataplane == .sidecar)
        #expect(pod([Self.app], labels: injectTrue).dataplane == .none)
    }

    @Test("gateways and waypoints run istio-proxy but are no sidecars")
    func gateways() {
        func managed(_ controller: String) -> Pod {
            pod([Self.proxy], labels: ["gateway.istio.io/managed": controller])
        }
        #expect(managed("istio.io-gateway-controller").dataplane == .gateway)
        #expect(managed("istio.io-eastwest-controller").dataplane == .gateway)
        #expect(managed("istio.io-mesh-controller").dataplane == .waypoint)
        #expect(!managed("istio.io-mesh-controller").isGateway)
        #expect(!managed("istio.io-gateway-controller").hasSidecar)
        for templates in ["gateway", "gateway,custom", "custom, gateway"] {
            let injected = pod([Self.proxy], annotations: ["inject.istio.io/templates": templates])
            #expect(injected.dataplane == .gateway)
        }
        let sidecar = pod(
            [Self.app, Self.proxy], annotations: ["inject.istio.io/templates": "sidecar,custom"])
        #expect(sidecar.dataplane == .sidecar)
    }

    @Test("a gateway that a chart wrote out opts out of injection, and yet runs the proxy")
    func chartGateway() {
        #expect(pod([Self.proxy], labels: injectFalse).dataplane == .gateway)
        #expect(pod([Self.app], labels: injectFalse).dataplane == .none)
        let injectedByHand = pod(
            [Self.app, Self.proxy], labels: injectFalse,
            annotations: ["sidecar.istio.io/status": "{}"])
        #expect(injectedByHand.dataplane == .sidecar)
    }

    @Test("only an enabled redirection is a capture")
    func capture() {
        #expect(pod(annotations: Self.captured).dataplane == .ambient)
        let pending = pod(annotations: ["ambient.istio.io/redirection": "pending"])
        #expect(pending.dataplane == .none)
    }

    @Test(
        "a pod that bypasses inbound capture is not captured",
        arguments: [("true", false), ("1", false), ("false", true), ("yes", true), ("", true)])
    func bypass(value: String, isCaptured: Bool) {
        let annotations = Self.captured + ["ambient.istio.io/bypass-inbound-capture": value]
        #expect(pod(annotations: annotations).isCaptured == isCaptured)
    }

    @Test("nothing intercepts a host-network pod")
    func hostNetwork() {
        let pod = pod([Self.app, Self.proxy], annotations: Self.captured, hostNetwork: true)
        #expect(pod.dataplane == .none)
    }

    @Test(
        "a pod counts while it lives, and its data plane once it is started",
        arguments: [
            ("Running", "node-1", false, true, true),
            ("Unknown", "node-1", false, true, true),
            ("Pending", "node-1", false, true, false),
            ("Running", "", false, true, false),
            ("Succeeded", "node-1", false, false, false),
            ("Failed", "node-1", false, false, false),
            ("Running", "node-1", true, false, true),
        ])
    func life(phase: String, node: String, terminating: Bool, live: Bool, started: Bool) {
        let pod = pod(node: node, phase: phase, terminating: terminating)
        #expect(pod.isLive == live)
        #expect(pod.isBoundAndStarted == started)
    }
}
