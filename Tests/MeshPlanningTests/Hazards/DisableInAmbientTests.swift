import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("DISABLE in ambient")
struct DisableInAmbientTests {
    private func found(_ plane: PodDataplane, _ policies: MeshPart...) -> [Diagnostic] {
        told(
            by: DisableInAmbient.self, plan(),
            on: mesh(
                [
                    namespace("shop", labels: plane == .ambient ? ambientLabels : sidecarLabels),
                    deployment("shop/a", labels: ["app": "a"], plane: plane),
                    deployment("shop/b", labels: ["app": "b"], plane: plane),
                ] + policies))
    }

    @Test("each policy that says so is named once, with its workloads")
    func named() {
        let all = found(.ambient, policy("shop/default", .disable))
        #expect(
            all.said == [
                "warning: PeerAuthentication shop/default says DISABLE, which ambient workloads "
                    + "take for PERMISSIVE"
            ])
        #expect(all.first?.detail.contains("shop/Deployment/a, shop/Deployment/b") == true)
        let port = policy("shop/a", .strict, selector: ["app": "a"], ports: [80: .disable])
        #expect(
            found(.ambient, port).first?.message.contains("ambient shop/Deployment/a takes") == true
        )
    }

    @Test("a sidecar knows DISABLE")
    func sidecar() {
        #expect(found(.sidecar, policy("shop/default", .disable)) == [])
    }
}
