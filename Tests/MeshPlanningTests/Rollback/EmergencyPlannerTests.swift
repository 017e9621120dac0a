import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// What is relaxed by what the cluster shows alone.
@Suite("An emergency")
struct EmergencyPlannerTests {
    private static let ours = madeBy(plan: "home")

    private func plan(_ parts: MeshPart..., withoutIstiod: Bool = false) -> PlannedRollback {
        EmergencyPlanner.plan(
            on: mesh([namespace("istio-system"), namespace("shop"), namespace("bank")] + parts),
            withoutIstiod: withoutIstiod)
    }

    @Test("relaxes every STRICT policy of every plan in one batch, without gates or settling")
    func everything() {
        let planned = plan(
            policy("istio-system/default", .strict, labels: Self.ours),
            policy("shop/default", .strict, labels: Self.ours),
            policy("bank/default", .strict, labels: madeBy(plan: "other")))
        #expect(
            planned.lines == [
                "relax update PeerAuthentication bank/default PERMISSIVE",
                "relax update PeerAuthentication istio-system/default PERMISSIVE",
                "relax update PeerAuthentication shop/default PERMISSIVE",
            ])
        #expect(planned.rollout.batches.count == 1)
        #expect(planned.rollout.gates.isEmpty && planned.rollout.settings.settle == .zero)
        #expect(planned.rollout.steps.allSatisfy { !$0.settles })
        #expect(planned.diagnostics == [] && planned.leftAlone == [])
    }

    @Test("opens the STRICT ports of a workload's policy, and keeps the others and the selector")
    func ports() throws {
        let planned = plan(
            policy(
                "shop/web", .permissive, selector: ["app": "web"],
                ports: [80: .strict, 81: .disable, 82: .unset], labels: Self.ours))
        #expect(
            planned.lines == [
                "relax update PeerAuthentication shop/web PERMISSIVE 80=PERMISSIVE 81=DISABLE 82=UNSET"
            ])
        let after = try #require(planned.rollout.steps.first?.change.policy?.after)
        #expect(PolicySpec.selector(of: after.spec) == LabelSelector(["app": "web"]))
    }

    @Test("leaves what is PERMISSIVE, DISABLE or unset as it is, and what goes with its namespace")
    func nothing() {
        let planned = plan(
            namespace("gone", isTerminating: true),
            policy("gone/default", .strict, labels: Self.ours),
            policy("shop/default", .permissive, labels: Self.ours),
            policy("bank/default", .disable, labels: Self.ours),
            policy("bank/web", .unset, selector: ["app": "web"], labels: Self.ours))
        #expect(planned.lines == [])
        #expect(planned.diagnostics == [])
    }

    @Test("never changes what others made, and tells what of it is STRICT, with a way to open it")
    func others() throws {
        let planned = plan(
            policy("shop/default", .strict), policy("bank/default", .strict, labels: Self.ours),
            policy("bank/web", .permissive, selector: ["app": "web"], ports: [80: .strict]),
            policy("istio-system/web", .strict, selector: ["app": "web"]))
        #expect(planned.lines == ["relax update PeerAuthentication bank/default PERMISSIVE"])
        let told = try #require(planned.diagnostics.first)
        #expect(planned.diagnostics.count == 1 && told.severity == .note)
        #expect(told.message == "STRICT stays where others say so: bank/web, shop/default")
        #expect(
            told.remedy == "kubectl -n bank patch peerauthentication web --type=merge "
                + #"-p '{"spec":{"portLevelMtls":{"80":{"mode":"PERMISSIVE"}}}}'"#)
        #expect(planned.leftAlone == [])
    }

    @Test("relaxes the mode that meshctl wrote into an adopted policy, in place")
    func adopted() throws {
        let mode = ["spec", "mtls", "mode"]
        let planned = plan(
            policy(
                "shop/legacy", .strict,
                managedFields: [owned(by: "meshctl/home", .update, mode[0], mode[1], mode[2])]),
            policy(
                "bank/legacy", .strict,
                managedFields: [owned(by: "kubectl-edit", .update, mode[0], mode[1], mode[2])]))
        #expect(planned.lines == ["relax update PeerAuthentication shop/legacy PERMISSIVE"])
        #expect(planned.rollout.steps.first?.change.policy?.isAdopted == true)
    }

    @Test("takes its own way of writing only where the plan's apply owns the spec alone")
    func wayOfWriting() {
        func isPatched(_ fields: [ManagedFields]) -> Bool? {
            plan(policy("shop/default", .strict, labels: Self.ours, managedFields: fields))
                .rollout.steps.first?.change.policy?.isAdopted
        }
        let plans = owned(by: "meshctl/home", .apply, "spec", "mtls", "mode")
        #expect(isPatched([plans]) == false)
        #expect(isPatched([plans, owned(by: "kubectl-edit", .update, "spec", "mtls")]) == true)
        #expect(isPatched([owned(by: "meshctl/home", .update, "spec", "mtls", "mode")]) == true)
    }

    @Test("tells of a reconciler that may set STRICT back")
    func reconciler() {
        let planned = plan(
            policy(
                "shop/default", .strict, labels: Self.ours,
                managedFields: [owned(by: "argocd-controller", .apply, "spec", "mtls")]))
        #expect(planned.rollout.steps.count == 1)
        #expect(planned.diagnostics.map(\.code) == [.managedElsewhere])
    }

    // MARK: - What is inherited

    @Test("ours that inherits STRICT from somebody else says PERMISSIVE itself")
    func inherits() {
        let planned = plan(
            policy("istio-system/default", .strict),
            policy("shop/default", .unset, labels: Self.ours),
            policy("bank/web", .unset, selector: ["app": "web"], labels: Self.ours))
        #expect(
            planned.lines == [
                "relax update PeerAuthentication bank/web PERMISSIVE",
                "relax update PeerAuthentication shop/default PERMISSIVE",
            ])
    }

    @Test("ours that inherits STRICT from ours stays as it is")
    func inheritsOurs() {
        let planned = plan(
            policy("istio-system/default", .strict, labels: Self.ours),
            policy("shop/default", .unset, labels: Self.ours))
        #expect(
            planned.lines == ["relax update PeerAuthentication istio-system/default PERMISSIVE"])
    }

    @Test("a namespace that meshctl enrolled under somebody's STRICT gets a PERMISSIVE of its own")
    func enrolled() throws {
        let label = owned(
            by: "meshctl/home", .update, "metadata", "labels", LabelKeys.dataplaneMode)
        func cluster(_ parts: MeshPart...) -> MeshState {
            mesh(
                [
                    policy("istio-system/default", .strict),
                    namespace(
                        "media", labels: [LabelKeys.dataplaneMode: "ambient"],
                        managedFields: [label]),
                    namespace("theirs", labels: [LabelKeys.dataplaneMode: "ambient"]),
                    namespace("left", managedFields: [label]),
                ] + parts)
        }
        let planned = EmergencyPlanner.plan(on: cluster())
        #expect(planned.lines == ["relax create PeerAuthentication media/default PERMISSIVE"])
        #expect(planned.rollout.steps.first?.change.policy?.after?.labels == Self.ours)
        #expect(EmergencyPlanner.plan(on: cluster(policy("media/any", .permissive))).lines == [])
        let taken = EmergencyPlanner.plan(
            on: cluster(policy("media/default", .permissive, selector: ["app": "tv"])))
        #expect(taken.lines == [])
        #expect(taken.diagnostics.map(\.code).contains(.policyNameTaken))
    }

    // MARK: - The oldest wins

    @Test("an older STRICT of somebody else in the same scope is said to win, and is left")
    func shadowed() throws {
        let planned = plan(
            policy("shop/default", .strict, labels: Self.ours, created: "2021-01-01T00:00:00Z"),
            policy("shop/legacy", .strict, created: "2020-01-01T00:00:00Z"))
        #expect(planned.lines == ["relax update PeerAuthentication shop/default PERMISSIVE"])
        #expect(planned.leftAlone.map(\.text) == ["PeerAuthentication shop/legacy"])
        let told = try #require(planned.diagnostics.first)
        #expect(told.code == .shadowedPolicy && planned.diagnostics.count == 1)
        #expect(told.message.contains("relaxing shop/default does nothing"))
    }

    @Test("a younger one, or one that selects other pods, does not win")
    func notShadowed() {
        let younger = plan(
            policy("shop/default", .strict, labels: Self.ours, created: "2020-01-01T00:00:00Z"),
            policy("shop/legacy", .strict, created: "2021-01-01T00:00:00Z"))
        let elsewhere = plan(
            policy(
                "shop/web", .strict, selector: ["app": "web"], labels: Self.ours,
                created: "2021-01-01T00:00:00Z"),
            policy(
                "shop/db", .strict, selector: ["app": "db"], created: "2020-01-01T00:00:00Z"))
        #expect(younger.leftAlone == [] && elsewhere.leftAlone == [])
    }

    // MARK: - Without istiod

    @Test("without istiod a policy is deleted where its absence relaxes")
    func deletes() {
        let planned = plan(
            policy("shop/default", .strict, labels: Self.ours),
            policy("bank/web", .strict, selector: ["app": "web"], labels: Self.ours),
            withoutIstiod: true)
        #expect(
            planned.lines == [
                "relax delete PeerAuthentication bank/web",
                "relax delete PeerAuthentication shop/default",
            ])
    }

    @Test("and not under a STRICT, where another would take its place, nor what others made")
    func doesNotDelete() {
        let underStrict = plan(
            policy("istio-system/default", .strict, labels: Self.ours),
            policy("shop/default", .strict, labels: Self.ours), withoutIstiod: true)
        // The mesh's goes first; the namespace's is looked at again after it.
        #expect(
            underStrict.lines == [
                "relax delete PeerAuthentication istio-system/default",
                "relax update PeerAuthentication shop/default PERMISSIVE",
            ])
        let next = plan(
            policy("shop/default", .strict, labels: Self.ours, created: "2020-01-01T00:00:00Z"),
            policy("shop/legacy", .strict, created: "2021-01-01T00:00:00Z"), withoutIstiod: true)
        #expect(next.lines == ["relax update PeerAuthentication shop/default PERMISSIVE"])
        let meeting = plan(
            policy("shop/web", .strict, selector: ["app": "web"], labels: Self.ours),
            policy("shop/front", .strict, selector: ["tier": "front"]), withoutIstiod: true)
        #expect(meeting.lines == ["relax update PeerAuthentication shop/web PERMISSIVE"])
        let adopted = plan(
            policy(
                "shop/legacy", .strict,
                managedFields: [owned(by: "meshctl/home", .update, "spec", "mtls", "mode")]),
            withoutIstiod: true)
        #expect(adopted.lines == ["relax update PeerAuthentication shop/legacy PERMISSIVE"])
    }
}

extension Change {
    fileprivate var policy: PolicyChange? {
        if case .policy(let change) = self { change } else { nil }
    }
}
