import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("STRICT without a data plane")
struct StrictWithoutDataPlaneTests {
    private func found(_ plan: MeshPlan, _ parts: MeshPart...) -> [Diagnostic] {
        told(
            by: StrictWithoutDataPlane.self, plan, on: mesh([meshRoot, namespace("shop")] + parts))
    }

    @Test("a namespace whose pods have none blocks")
    func namespaceWithout() {
        #expect(
            found(plan(entry("shop", mtls: .strict)), deployment("shop/web")).said == [
                "error: namespace shop would be STRICT, and no pod there has a data plane"
            ])
    }

    @Test("a data plane that the plan brings, or a gateway, is one")
    func withPlane() {
        for plane in [DesiredDataplane.sidecar, .ambient] {
            #expect(
                found(plan(entry("shop", plane, mtls: .strict)), deployment("shop/web")) == [])
        }
        let gateway = pod(
            "shop/gw", labels: ["gateway.istio.io/managed": "istio.io-gateway-controller"])
        #expect(found(plan(entry("shop", mtls: .strict)), gateway) == [])
    }

    @Test("without pods it is a note; templates are judged in the place of pods")
    func withoutPods() {
        #expect(found(plan(entry("shop", mtls: .strict))).severities == [.note])
        #expect(
            found(plan(entry("shop", mtls: .strict)), deployment("shop/web", replicas: 0))
                .severities
                == [.error])
        #expect(
            found(
                plan(entry("shop", .sidecar, mtls: .strict)), deployment("shop/web", replicas: 0))
                == [])
    }

    @Test("other modes say nothing, and the mesh warns")
    func others() {
        #expect(found(plan(entry("shop", mtls: .permissive)), deployment("shop/web")) == [])
        #expect(found(plan(mtls: .strict), deployment("shop/web")).severities == [.warning])
        #expect(
            found(plan(mtls: .strict), deployment("shop/web", plane: .sidecar)) == [])
    }

    @Test("the planner blocks on it, whatever stage it plans for", arguments: Stage.allCases)
    func blocks(through stage: Stage) {
        let result = planned(
            plan(entry("shop", mtls: .strict)), on: mesh(namespace("shop"), deployment("shop/web")),
            through: stage)
        #expect(result.isBlocked)
    }
}
