import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Policies that keep something open under STRICT")
struct ResidualPoliciesTests {
    private let state = mesh(
        meshRoot, namespace("shop", labels: sidecarLabels), namespace("old"),
        deployment("shop/web", labels: injected("web"), plane: .sidecar),
        policy("istio-system/default", .strict),
        policy("old/default", .permissive),
        policy(
            "shop/web", .strict, selector: ["app": "web"], ports: [80: .permissive, 81: .strict]))

    @Test("under the mesh's STRICT they are listed by namespace")
    func meshWide() {
        let found = told(by: ResidualPolicies.self, plan(mtls: .strict, adopt: true), on: state)
        #expect(
            found.said == [
                "warning: a policy keeps part of namespace old open under the mesh's STRICT",
                "warning: a policy keeps part of namespace shop open under the mesh's STRICT",
            ])
        #expect(found.last?.detail.contains("web (80 PERMISSIVE)") == true)
    }

    @Test("under a namespace's STRICT those of its workloads are")
    func namespaceStrict() {
        let found = told(
            by: ResidualPolicies.self, plan(entry("shop", .sidecar, mtls: .strict)), on: state)
        #expect(
            found.said == [
                "warning: a policy keeps part of namespace shop open under the namespace's STRICT"
            ])
    }

    @Test("what the plan asks for, or what is STRICT, is none")
    func asked() {
        let wanted = plan(
            mtls: .strict, adopt: true, entry("old", mtls: .permissive),
            entry(
                "shop", .sidecar, mtls: .strict,
                exceptions: [exception("web", ["app": "web"], [80: .permissive], adopt: true)]))
        #expect(told(by: ResidualPolicies.self, wanted, on: state) == [])
        #expect(told(by: ResidualPolicies.self, MeshPlan(name: "home"), on: state) == [])
    }
}
