import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A policy that a rollback makes again")
struct RecreatedPoliciesTests {
    static let labels = madeBy(plan: "home")

    @Test("is said to lose to an older one of its namespace")
    func losesToOlder() throws {
        let state = mesh(
            namespace("shop"), policy("shop/default", .permissive, labels: Self.labels),
            policy("shop/other", .permissive, created: "2021-01-01T00:00:00Z"))
        let run = run(policyChange("shop/default", .permissive, nil), on: state)
        let diagnostic = try #require(undoing(run).diagnostics.first)
        #expect(diagnostic.code == .shadowedPolicy)
        #expect(diagnostic.severity == .warning)
        #expect(diagnostic.message.contains("shop/default"))
        #expect(diagnostic.message.contains("shop/other"))
    }

    @Test("is said to lose to an older one on a pod that both select", arguments: [true, false])
    func losesOnPod(meet: Bool) {
        let state = mesh(
            namespace("shop"),
            pod("shop/web-0", labels: meet ? ["app": "web", "tier": "front"] : ["app": "web"]),
            policy("shop/meshctl-web", .permissive, selector: ["app": "web"], labels: Self.labels),
            policy(
                "shop/other", .strict, selector: ["tier": "front"],
                created: "2021-01-01T00:00:00Z"))
        let run = run(policyChange("shop/meshctl-web", .permissive, nil), on: state)
        // The run's image has no selector; what counts is the object as it was.
        let selecting = Self.selecting(run, state)
        #expect(undoing(selecting).diagnostics.map(\.code) == (meet ? [.shadowedPolicy] : []))
    }

    private static func selecting(_ run: ModelRun, _ state: MeshState) -> ModelRun {
        let image = state.images["shop/meshctl-web"]
        let change = Change.policy(
            PolicyChange(
                namespace: "shop", name: "meshctl-web", uid: "", before: image, after: nil))
        return ModelRun(rollout([[change]]), on: state)
    }

    @Test("is nothing to speak of where no other policy has its scope")
    func wins() {
        let state = mesh(
            namespace("shop"), policy("shop/default", .permissive, labels: Self.labels),
            policy("istio-system/default", .strict))
        let run = run(policyChange("shop/default", .permissive, nil), on: state)
        #expect(undoing(run).diagnostics == [])
        #expect(undoing(run).lines == ["relax create PeerAuthentication shop/default PERMISSIVE"])
    }
}
