import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Workloads that other clusters can reach")
struct MultiClusterClientTests {
    static let network = ["topology.istio.io/network": "west"]

    private func found(
        rootLabels: [String: String] = [:], services: [Service] = [], parts: MeshPart = MeshPart(),
        flows: [Flow] = [], mtls: MTLSMode = .strict
    ) -> [Diagnostic] {
        let state = mesh(
            namespace("istio-system", labels: rootLabels), namespace("shop", labels: sidecarLabels),
            deployment("shop/cart", labels: injected("cart"), plane: .sidecar), parts
        ).with(services)
        return told(by: MultiClusterClient.self, plan(entry("shop", mtls: mtls)), on: state, flows)
    }

    @Test("a network of the root namespace, or an east-west gateway, makes STRICT doubtful")
    func warns() throws {
        let gateway = service("istio-system/ew", labels: ["istio": "eastwestgateway"])
        let managed = pod(
            "istio-system/ew",
            labels: ["gateway.networking.k8s.io/gateway-class-name": "istio-east-west"])
        for found in [
            found(rootLabels: Self.network), found(services: [gateway]), found(parts: managed),
        ] {
            let only = try #require(found.first)
            #expect(found.count == 1)
            #expect(only.code == .multiClusterClient && only.severity == .warning)
            #expect(only.message.hasPrefix("cannot judge"))
            #expect(only.remedy?.contains("cluster: NAME") == true)
            #expect(only.remedy?.contains("namespace: shop") == true)
        }
    }

    @Test("a single cluster, a mode that stays, or a declared flow from a cluster is enough")
    func fine() {
        #expect(found().isEmpty)
        #expect(found(rootLabels: Self.network, mtls: .permissive).isEmpty)
        let declared = flow(
            from: .cluster("east"), to: serviceServer("shop/cart"), .sure, origin: .declared)
        #expect(found(rootLabels: Self.network, flows: [declared]).isEmpty)
    }
}
