import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Policies that an older one shadows")
struct ShadowedPoliciesTests {
    @Test("of two policies of a namespace the younger is named, with the older that wins")
    func wide() {
        let found = told(
            by: ShadowedPolicies.self, plan(),
            on: mesh(
                namespace("shop"), policy("shop/old", .permissive, created: "2020-01-01T00:00:00Z"),
                policy("shop/new", .strict, created: "2021-01-01T00:00:00Z")))
        #expect(
            found.said == [
                "warning: PeerAuthentication shop/new does nothing for namespace shop: "
                    + "the older shop/old wins"
            ])
        #expect(found.first?.remedy == "kubectl -n shop delete peerauthentication new")
    }

    @Test("so is one of the mesh")
    func meshWide() {
        let found = told(
            by: ShadowedPolicies.self, plan(),
            on: mesh(
                meshRoot, policy("istio-system/a", .strict), policy("istio-system/b", .permissive)))
        #expect(
            found.map(\.message).first?.contains("istio-system/b does nothing for the mesh") == true
        )
    }

    @Test(
        "two selectors that meet on one workload are found, with pods or without",
        arguments: [0, 2])
    func workloads(replicas: Int) {
        let found = told(
            by: ShadowedPolicies.self, plan(),
            on: mesh(
                namespace("shop"),
                deployment("shop/cart", labels: ["app": "cart", "tier": "a"], replicas: replicas),
                policy("shop/by-app", .strict, selector: ["app": "cart"]),
                policy("shop/by-tier", .permissive, selector: ["tier": "a"])))
        #expect(
            found.said == [
                "warning: PeerAuthentication shop/by-tier does nothing for shop/Deployment/cart: "
                    + "the older shop/by-app wins"
            ])
    }

    @Test(
        "an exception of the plan that meets another selector on a template blocks, and on pods too"
    )
    func exceptionOnTemplate() {
        let state = mesh(
            namespace("shop", labels: sidecarLabels),
            deployment("shop/cart", labels: ["app": "cart", "tier": "a"], replicas: 0),
            deployment("shop/other", labels: injected("other"), plane: .sidecar),
            policy("shop/by-tier", .permissive, selector: ["tier": "a"]))
        let wanted = plan(
            entry(
                "shop", mtls: .strict,
                exceptions: [exception("cart", ["app": "cart"], [80: .permissive])]))
        let found = told(by: ShadowedPolicies.self, wanted, on: state)
        #expect(found.severities == [.error])
        #expect(found.first?.message.contains("shop/meshctl-cart does nothing") == true)
        #expect(planned(wanted, on: state).codes.contains(.shadowedPolicy))
    }

    @Test("selectors that do not meet, and policies of different scopes, shadow nothing")
    func none() {
        let found = told(
            by: ShadowedPolicies.self, plan(),
            on: mesh(
                meshRoot, namespace("shop"), policy("istio-system/default", .strict),
                policy("shop/default", .permissive),
                deployment("shop/cart", labels: ["app": "cart"]),
                policy("shop/a", .strict, selector: ["app": "cart"]),
                policy("shop/b", .strict, selector: ["app": "web"])))
        #expect(found == [])
    }
}
