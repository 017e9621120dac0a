import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Policies that Istio never looks at")
struct InertPoliciesTests {
    @Test("a selector in the root namespace selects nothing")
    func rootSelector() {
        let found = told(
            by: InertPolicies.self, plan(),
            on: mesh(meshRoot, policy("istio-system/web", .permissive, selector: ["app": "web"])))
        #expect(
            found.said == [
                "warning: PeerAuthentication istio-system/web has a selector in the root namespace "
                    + "and does nothing"
            ])
    }

    @Test("ports without a selector do nothing")
    func ports() {
        let found = told(
            by: InertPolicies.self, plan(),
            on: mesh(
                meshRoot, namespace("shop"),
                policy("shop/default", .strict, ports: [81: .disable, 80: .permissive]),
                policy("shop/web", .strict, selector: ["app": "web"], ports: [80: .permissive])))
        #expect(
            found.said == [
                "warning: PeerAuthentication shop/default has ports (80 PERMISSIVE, 81 DISABLE) "
                    + "and no selector: they do nothing"
            ])
    }
}
