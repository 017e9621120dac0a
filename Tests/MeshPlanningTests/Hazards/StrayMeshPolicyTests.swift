import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A mesh's policy in the wrong namespace")
struct StrayMeshPolicyTests {
    private func found(_ path: String, _ more: MeshPart..., plan: MeshPlan = plan()) -> [Diagnostic]
    {
        told(
            by: StrayMeshPolicy.self, plan,
            on: mesh(
                [meshRoot, namespace("default"), namespace("shop"), policy(path, .strict)] + more))
    }

    @Test("STRICT in `default`, where nothing is meshed, while the mesh has no policy")
    func stray() {
        #expect(
            found("default/default").said == [
                "warning: PeerAuthentication default/default is STRICT for namespace default only, "
                    + "and the mesh has no policy"
            ])
        #expect(found("shop/mesh-strict").severities == [.warning])
    }

    @Test("with meshed pods it may be meant, and is a note")
    func meshed() {
        let pods = deployment("default/web", plane: .sidecar)
        #expect(found("default/default", pods).severities == [.note])
    }

    @Test(
        "a namespace's usual policy, a mesh with a policy, and what the plan speaks about are none")
    func none() {
        #expect(found("shop/default") == [])
        #expect(found("default/default", policy("istio-system/default", .strict)) == [])
        #expect(
            found("default/default", plan: plan(entry("default", mtls: .permissive))) == [])
    }
}
