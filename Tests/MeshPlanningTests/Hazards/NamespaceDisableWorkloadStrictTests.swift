import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A STRICT workload under DISABLE")
struct NamespaceDisableWorkloadStrictTests {
    private func found(
        _ policies: MeshPart..., plan: MeshPlan = plan(), plane: PodDataplane = .sidecar
    ) -> [Diagnostic] {
        told(
            by: NamespaceDisableWorkloadStrict.self, plan,
            on: mesh(
                [
                    meshRoot,
                    namespace("shop", labels: plane == .ambient ? ambientLabels : sidecarLabels),
                    deployment("shop/web", labels: injected("web"), plane: plane),
                ] + policies))
    }

    private let strict = policy("shop/web", .strict, selector: ["app": "web"])

    @Test("it is a warning where it is so, of the namespace's DISABLE or the mesh's")
    func soToday() {
        #expect(
            found(strict, policy("shop/default", .disable)).said == [
                "warning: shop/Deployment/web is STRICT by shop/web, and sidecars send it plaintext "
                    + "because of the DISABLE of shop/default"
            ])
        #expect(
            found(strict, policy("istio-system/default", .disable)).first?.message
                .hasSuffix("istio-system/default") == true)
        let port = policy("shop/web", selector: ["app": "web"], ports: [80: .strict])
        #expect(found(port, policy("shop/default", .disable)).count == 1)
    }

    @Test("it blocks where the plan brings it about")
    func byPlan() {
        let wanted = plan(entry("shop", mtls: .disable))
        #expect(found(strict, plan: wanted).severities == [.error])
    }

    @Test("PERMISSIVE above, or no sidecar, is fine")
    func fine() {
        #expect(found(strict, policy("shop/default", .permissive)) == [])
        #expect(found(strict, policy("shop/default", .disable), plane: .ambient) == [])
        #expect(found(policy("shop/default", .disable)) == [])
    }
}
