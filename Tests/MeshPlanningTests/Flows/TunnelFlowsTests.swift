import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows of cloudflared")
struct TunnelFlowsTests {
    private let tunnelClass = TunnelClass(
        meta: ObjectMeta(name: "default", namespace: "ops"), tunnelKind: "ClusterTunnel",
        tunnelName: "production")

    private func backend(
        _ annotations: [String: String] = [:], service: String = "frontend", port: Int = 80
    ) -> TunnelFlows.Backend {
        TunnelFlows.Backend(
            ingress: ObjectMeta(name: "web", namespace: "shop", annotations: annotations),
            service: service, port: port, tunnelClass: tunnelClass)
    }

    private func flows(_ backend: TunnelFlows.Backend, _ parts: MeshPart...) -> [Flow] {
        TunnelFlows.flows(
            in: mesh(parts + [service("shop/frontend", ["app": "web"])]), backends: [backend])
    }

    private func tunnel(_ path: String) -> MeshPart {
        deployment(path, labels: ["cloudflare-operator.io/app": "cloudflared"])
    }

    @Test("the tunnel's Deployment is the client, by the name that its class gives")
    func client() throws {
        let flow = try #require(
            flows(backend(), tunnel("ops/production"), tunnel("ops/staging")).first)
        #expect(flow.text == "ops/deployment/production->shop/service/frontend:80")
        #expect(flow.origin == .inferred(.tunnel) && flow.isRequired && flow.sends == nil)
        #expect(flow.because.contains("number of the Service's port"))
    }

    @Test("a tunnel of another name may be it, and without any it is somebody without a proxy")
    func unknownTunnel() {
        #expect(
            flows(backend(), tunnel("ops/other")).map(\.client.text) == ["ops/deployment/other"])
        #expect(flows(backend()).map(\.client) == [.external])
    }

    @Test("https is TLS of cloudflared's own, which STRICT refuses as it does plaintext")
    func tls() {
        let found = flows(backend(["cloudflare.com/protocol": "https"]), tunnel("ops/production"))
        #expect(found.map(\.sends) == [.tls])
    }

    @Test("a backend that is no Service is nobody's flow")
    func otherBackend() { #expect(flows(backend(service: "absent")).isEmpty) }
}
