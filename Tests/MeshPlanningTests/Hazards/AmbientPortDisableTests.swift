import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Ports whose DISABLE ambient does not honour")
struct AmbientPortDisableTests {
    private func found(
        _ mode: MTLSMode, _ port: MTLSMode, plane: PodDataplane = .ambient
    ) -> [Diagnostic] {
        told(
            by: AmbientPortDisable.self, plan(),
            on: mesh(
                meshRoot,
                namespace("shop", labels: plane == .ambient ? ambientLabels : sidecarLabels),
                deployment("shop/web", labels: ["app": "web"], plane: plane),
                policy("istio-system/default", .strict),
                policy("shop/web", mode, selector: ["app": "web"], ports: [8080: port])))
    }

    @Test("under an unset mode and an inherited STRICT the port is refused")
    func refused() {
        #expect(
            found(.unset, .disable).said == [
                "warning: shop/Deployment/web refuses plaintext on port 8080, "
                    + "although shop/web opens it"
            ])
    }

    @Test("PERMISSIVE, an explicit mode, or a sidecar open it")
    func open() {
        #expect(found(.unset, .permissive) == [])
        #expect(found(.strict, .disable) == [])
        #expect(found(.unset, .disable, plane: .sidecar) == [])
    }
}
