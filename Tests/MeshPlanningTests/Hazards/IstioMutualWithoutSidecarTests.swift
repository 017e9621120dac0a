import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("ISTIO_MUTUAL towards pods without a sidecar")
struct IstioMutualWithoutSidecarTests {
    private func found(
        _ plane: PodDataplane, wants: DesiredDataplane? = nil, isHeadless: Bool = false
    ) -> [Diagnostic] {
        let labels = plane == .sidecar ? sidecarLabels : plane == .ambient ? ambientLabels : [:]
        return told(
            by: IstioMutualWithoutSidecar.self, plan(entry("shop", wants)),
            on: mesh(
                namespace("web", labels: sidecarLabels), namespace("shop", labels: labels),
                deployment("web/front", labels: injected("front"), plane: .sidecar),
                deployment(
                    "shop/cart", labels: plane == .sidecar ? injected("cart") : ["app": "cart"],
                    plane: plane),
                clientRule("web/cart", host: "cart.shop.svc.cluster.local", .istioMutual)
            ).with([service("shop/cart", 80, to: 8080, isHeadless: isHeadless)]))
    }

    @Test("towards plain pods it is a warning, and where the plan takes the sidecar away it blocks")
    func plain() {
        #expect(
            found(.none).said == [
                "warning: DestinationRule web/cart makes clients send Istio's mTLS to shop/cart:80, "
                    + "where no sidecar is there to end it"
            ])
        #expect(found(.sidecar, wants: DesiredDataplane.none).severities == [.error])
    }

    @Test("ambient pods get it only through a headless Service")
    func ambient() {
        #expect(found(.ambient) == [])
        #expect(found(.ambient, isHeadless: true).severities == [.warning])
    }

    @Test("a sidecar ends it")
    func sidecar() {
        #expect(found(.sidecar) == [])
    }
}
