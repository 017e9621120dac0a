import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Sidecars that call pods by address")
struct PodIPClientTests {
    private func found(
        client: PodDataplane = .sidecar, server: Flow.Server? = nil,
        _ certainty: Flow.Certainty = .doubtful, mtls: MTLSMode = .strict
    ) -> [Diagnostic] {
        let state = mesh(
            namespace("watch", labels: client == .sidecar ? sidecarLabels : ambientLabels),
            namespace("shop", labels: sidecarLabels),
            deployment("watch/prom", labels: injected("prom"), plane: client),
            deployment("shop/cart", labels: injected("cart", tunnel: true), plane: .sidecar)
        ).with([service("shop/cart")])
        let byAddress = Flow.Server.workload(id("shop/cart"), port: 9090)
        return told(
            by: PodIPClient.self, plan(entry("shop", mtls: mtls)), on: state,
            [
                flow(
                    from: .workload(id("watch/prom")), to: server ?? byAddress, certainty,
                    origin: .inferred(.scrapeAnnotation))
            ])
    }

    @Test("a doubtful one that STRICT would refuse is a warning, with the port to except")
    func warns() throws {
        let one = Flow.Server.pod(namespace: "shop", name: "cart-0", port: 9090)
        for found in [found(), found(server: one)] {
            let only = try #require(found.first)
            #expect(only.code == .podIPClient && only.severity == .warning)
            #expect(only.detail.contains("a test says so"))
            #expect(only.remedy?.contains("ports: {9090: PERMISSIVE}") == true)
        }
    }

    @Test(
        "sure ones are the search's, and calls by Service, from ztunnel or without STRICT are fine")
    func fine() {
        #expect(found(.sure).isEmpty)
        #expect(found(server: serviceServer("shop/cart")).isEmpty)
        #expect(found(client: .ambient).isEmpty)
        #expect(found(mtls: .permissive).isEmpty)
    }

    private func found(_ certainty: Flow.Certainty) -> [Diagnostic] {
        found(client: .sidecar, server: nil, certainty)
    }
}
