import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Whose policies a plan may change")
struct PolicyOwnershipTests {
    static let strictShop = plan(entry("shop", mtls: .strict))

    @Test("somebody else's policy blocks the plan, which prints the line that adopts it")
    func adoptionNeeded() {
        let result = planned(
            Self.strictShop, on: mesh(namespace("shop"), policy("shop/theirs", .permissive)))
        #expect(result.isBlocked)
        #expect(result.codes == [.adoptionNeeded])
        #expect(result.diagnostics[0].remedy == "adopt: true")
    }

    @Test("an adopted policy is updated in place, under its name, with all else in it kept")
    func adopted() {
        let result = planned(
            plan(entry("shop", mtls: .strict, adopt: true)),
            on: mesh(
                namespace("shop"),
                policy("shop/theirs", .permissive, ports: [80: .disable], labels: ["team": "a"])))
        #expect(!result.isBlocked)
        #expect(result.lines == ["strict update PeerAuthentication shop/theirs STRICT 80=DISABLE"])
        guard case .policy(let change) = result.rollout.steps.first?.change else { return }
        #expect(change.isAdopted)
        #expect(change.uid == "pa-shop/theirs")
        #expect(change.after?.labels == ["team": "a"])
    }

    @Test("somebody else's policy that says what is wanted needs no adoption")
    func inPlace() {
        let result = planned(
            Self.strictShop, on: mesh(namespace("shop"), policy("shop/theirs", .strict)))
        #expect(result.lines.isEmpty && !result.isBlocked)
    }

    @Test("another plan's policy is a conflict, adopted or not")
    func otherPlan() {
        let state = mesh(
            namespace("shop"),
            policy("shop/default", .permissive, labels: madeBy(plan: "other")))
        for adopt in [false, true] {
            let result = planned(plan(entry("shop", mtls: .strict, adopt: adopt)), on: state)
            #expect(result.codes == [.otherPlan])
            #expect(result.isBlocked)
        }
    }

    @Test("a policy that Argo CD, Flux, Helm or an operator keeps blocks the plan")
    func managedElsewhere() {
        let managers = [
            owned(by: "argocd-controller", .update, "spec", "mtls"),
            owned(by: "kustomize-controller", .apply, "spec"),
            owned(by: "helm", .update, "spec", "mtls", "mode"),
            owned(by: "mesh-operator", .update, "spec"), owned(by: "ci", .apply, "spec", "mtls"),
        ]
        for manager in managers {
            let result = planned(
                plan(entry("shop", mtls: .strict, adopt: true)),
                on: mesh(
                    namespace("shop"),
                    policy("shop/default", .permissive, managedFields: [manager])))
            #expect(result.codes == [.managedElsewhere], "\(manager.manager)")
            #expect(result.diagnostics.first?.message.contains(manager.manager) == true)
        }
    }

    @Test("what a person set with kubectl may be changed, and so may what meshctl set")
    func persons() {
        for manager in ["kubectl-edit", "kubectl-client-side-apply", "kubectl", "meshctl/home"] {
            let result = planned(
                plan(entry("shop", mtls: .strict, adopt: true)),
                on: mesh(
                    namespace("shop"),
                    policy(
                        "shop/default", .permissive,
                        managedFields: [owned(by: manager, .apply, "spec", "mtls")])))
            #expect(!result.isBlocked, "\(manager)")
        }
    }

    @Test("a reconciler that keeps other fields is no obstacle")
    func otherFields() {
        let result = planned(
            plan(entry("shop", mtls: .strict, adopt: true)),
            on: mesh(
                namespace("shop"),
                policy(
                    "shop/default", .permissive,
                    managedFields: [owned(by: "argocd-controller", .apply, "metadata", "labels")])))
        #expect(!result.isBlocked)
    }

    @Test("a label that a reconciler keeps on a namespace blocks the plan")
    func labelManagedElsewhere() {
        let key = ["metadata", "labels", "istio-injection"]
        let state = mesh(
            namespace(
                "shop", labels: ["istio-injection": "disabled"],
                managedFields: [owned(by: "argocd-controller", .update, key[0], key[1], key[2])]))
        #expect(planned(plan(entry("shop", .sidecar)), on: state).codes == [.managedElsewhere])
        #expect(!planned(plan(entry("shop", .ambient)), on: state).isBlocked)
    }

    @Test("a policy of ours that an older one shadows is an error that names the older one")
    func shadowed() {
        let result = planned(
            Self.strictShop,
            on: mesh(
                namespace("shop"), policy("shop/old", .strict, created: "2019-01-01T00:00:00Z"),
                policy("shop/default", .permissive, labels: madeBy(plan: "home"))))
        #expect(result.codes == [.shadowedPolicy])
        #expect(result.diagnostics[0].message.contains("shop/old"))
    }

    @Test(
        "a policy that selects workloads and is called `default` leaves no name for the namespace's"
    )
    func nameTaken() {
        let result = planned(
            Self.strictShop,
            on: mesh(namespace("shop"), policy("shop/default", .strict, selector: ["app": "a"])))
        #expect(result.isBlocked)
        #expect(result.diagnostics.first?.message.contains("shop/default") == true)
    }
}
