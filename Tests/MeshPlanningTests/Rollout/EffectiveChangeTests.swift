import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("What a rollout changes for workloads")
struct EffectiveChangeTests {
    @Test("names the workload once, with what holds before and after")
    func oneLine() {
        let result = planned(
            plan(entry("shop", .sidecar, mtls: .strict)),
            on: mesh(namespace("shop"), deployment("shop/cart", replicas: 3), pod("shop/bare")))
        #expect(result.effectiveChanges.map(\.workload) == ["shop/Deployment/cart"])
        #expect(result.effectiveChanges.map(\.before.text) == ["no data plane"])
        #expect(result.effectiveChanges.map(\.after.text) == ["sidecar, STRICT"])
    }

    @Test("shows the ports that differ")
    func ports() {
        let entries = entry(
            "shop", mtls: .strict,
            exceptions: [exception("web", ["app": "web"], [3000: .permissive, 3001: .disable])])
        for (plane, text) in [
            (PodDataplane.sidecar, "sidecar, STRICT except 3000 PERMISSIVE, 3001 DISABLE"),
            (.ambient, "ambient, STRICT except 3000 PERMISSIVE, 3001 PERMISSIVE"),
        ] {
            let result = planned(
                plan(entries),
                on: mesh(namespace("shop"), pod("shop/web", labels: ["app": "web"], plane: plane)))
            #expect(result.effectiveChanges.map(\.after.text) == [text])
        }
    }

    @Test("is empty where nothing enforces")
    func noDataplane() {
        let result = planned(
            plan(entry("shop", mtls: .strict)), on: mesh(namespace("shop"), pod("shop/p")))
        #expect(!result.lines.isEmpty)
        #expect(result.effectiveChanges.isEmpty)
    }
}
