import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollback of policies")
struct PolicyRestorationTests {
    static let shop = mesh(
        namespace("istio-system"), namespace("shop"),
        deployment("shop/web", labels: ["app": "web"], plane: .sidecar))

    @Test("deletes at once what relaxes by going")
    func deletesAtOnce() {
        let run = run(policyChange("shop/default", nil, .strict), on: Self.shop)
        #expect(undoing(run).lines == ["relax delete PeerAuthentication shop/default"])
    }

    @Test("deletes a namespace's policy at once also while the mesh's is still STRICT")
    func deletesUnderMesh() {
        let run = run(
            policyChange("shop/default", nil, .strict),
            policyChange("istio-system/default", nil, .strict), on: Self.shop)
        #expect(
            undoing(run).batchLines == [
                [
                    "relax delete PeerAuthentication istio-system/default",
                    "relax delete PeerAuthentication shop/default",
                ]
            ])
    }

    @Test("writes PERMISSIVE where going back is not a relaxing, and goes back last")
    func detour() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("shop/default", .disable)])
        let run = run(policyChange("shop/default", .disable, .strict), on: state)
        #expect(
            undoing(run).batchLines == [
                ["relax update PeerAuthentication shop/default PERMISSIVE"],
                ["retighten update PeerAuthentication shop/default DISABLE"],
            ])
    }

    @Test("never takes a policy straight from DISABLE to STRICT")
    func detourToStrict() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("shop/default", .strict)])
        let run = run(policyChange("shop/default", .strict, .disable), on: state)
        #expect(
            undoing(run).batchLines == [
                ["relax update PeerAuthentication shop/default PERMISSIVE"],
                ["retighten update PeerAuthentication shop/default STRICT"],
            ])
    }

    @Test("tightens last what was STRICT, with nothing to relax")
    func retightens() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("shop/default", .strict)])
        let run = run(policyChange("shop/default", .strict, .permissive), on: state)
        #expect(undoing(run).lines == ["retighten update PeerAuthentication shop/default STRICT"])
    }

    @Test("does not delete a policy whose scope would inherit STRICT from one that stays")
    func inheritsStrict() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("istio-system/default", .strict)])
        let run = run(policyChange("shop/default", nil, .permissive), on: state)
        #expect(undoing(run).lines == ["retighten delete PeerAuthentication shop/default"])
    }

    @Test("does not delete a policy under which an older STRICT comes to count")
    func runnerUp() {
        let state = mesh(
            [MeshPart].of(Self.shop) + [
                policy("shop/other", .strict, created: "2021-01-01T00:00:00Z"),
                policy("shop/default", .permissive, labels: madeBy(plan: "home")),
            ])
        let run = run(policyChange("shop/default", nil, .permissive), on: Self.shop)
        #expect(
            undoing(run, on: state).lines == ["retighten delete PeerAuthentication shop/default"])
    }

    @Test("removes a PERMISSIVE that only got in nobody's way after all that relaxes")
    func neutral() {
        let run = run(policyChange("shop/default", nil, .permissive), on: Self.shop)
        #expect(undoing(run).lines == ["remove delete PeerAuthentication shop/default"])
        #expect(undoing(run, policiesOnly: true).lines == [])
    }

    @Test("opens an exception whole at once, and removes it after its namespace's policy is back")
    func exceptionOutlives() {
        let exceptions = [exception("web", ["app": "web"], [3000: .permissive])]
        let run = applied(
            plan(entry("shop", mtls: .strict, exceptions: exceptions)), on: Self.shop)
        #expect(
            undoing(run).batchLines == [
                [
                    "relax delete PeerAuthentication shop/default",
                    "relax update PeerAuthentication shop/meshctl-web PERMISSIVE 3000=PERMISSIVE",
                ],
                ["remove delete PeerAuthentication shop/meshctl-web"],
            ])
    }

    @Test("keeps an exception to the end where its namespace's policy is left alone, and STRICT")
    func exceptionUnderConflict() {
        let exceptions = [exception("web", ["app": "web"], [3000: .permissive])]
        let run = applied(
            plan(entry("shop", mtls: .strict, exceptions: exceptions)), on: Self.shop)
        let edited = run.state.writing("shop/default") { $0.spec["note"] = "mine" }
        let planned = undoing(run, on: edited)
        #expect(planned.conflicts.map(\.object.text) == ["PeerAuthentication shop/default"])
        #expect(planned.lines == ["retighten delete PeerAuthentication shop/meshctl-web"])
    }

    @Test("has exceptions back before their namespace is STRICT again, and that before the mesh")
    func retightensInOrder() {
        let labels = madeBy(plan: "home")
        let state = mesh(
            [MeshPart].of(Self.shop) + [
                policy("istio-system/default", .strict, labels: labels),
                policy("shop/default", .strict, labels: labels),
                policy(
                    "shop/meshctl-web", .strict, selector: ["app": "web"],
                    ports: [3000: .permissive], labels: labels),
            ])
        let run = applied(
            plan(mtls: .unset, entry("shop", mtls: .permissive)), on: state)
        #expect(run.state.images.count == 1)
        #expect(
            undoing(run).batchLines == [
                [
                    "retighten create PeerAuthentication shop/meshctl-web STRICT 3000=PERMISSIVE"
                ],
                ["retighten update PeerAuthentication shop/default STRICT"],
                ["retighten create PeerAuthentication istio-system/default STRICT"],
            ])
    }

    @Test("keeps a namespace STRICT until the mesh, from which it had it, is STRICT again")
    func restsOnScopeAbove() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("istio-system/default", .strict)])
        let run = run(
            policyChange("shop/default", nil, .strict),
            policyChange("istio-system/default", .strict, .permissive), on: state)
        #expect(
            undoing(run).batchLines == [
                ["retighten update PeerAuthentication istio-system/default STRICT"],
                ["retighten delete PeerAuthentication shop/default"],
            ])
    }

    @Test("hands a policy's mode back to the mesh only after the mesh is STRICT again")
    func restsOnScopeAboveWithoutMode() {
        let state = mesh(
            [MeshPart].of(Self.shop) + [
                policy("istio-system/default", .strict), policy("shop/theirs"),
            ])
        let run = run(
            policyChange("shop/theirs", .unset, .strict),
            policyChange("istio-system/default", .strict, .permissive), on: state)
        #expect(
            undoing(run).batchLines == [
                ["retighten update PeerAuthentication istio-system/default STRICT"],
                ["retighten update PeerAuthentication shop/theirs UNSET"],
            ])
    }

    @Test("makes a PERMISSIVE that the run deleted again before the mesh tightens above it")
    func recreatesBeforeMesh() {
        let labels = madeBy(plan: "home")
        let state = mesh(
            [MeshPart].of(Self.shop) + [
                policy("istio-system/default", .strict, labels: labels),
                policy("shop/default", .permissive, labels: labels),
            ])
        let run = run(
            policyChange("istio-system/default", .strict, .permissive),
            policyChange("shop/default", .permissive, nil), on: state)
        #expect(
            undoing(run).batchLines == [
                ["relax create PeerAuthentication shop/default PERMISSIVE"],
                ["retighten update PeerAuthentication istio-system/default STRICT"],
            ])
    }

    @Test("restores an adopted policy in place, whatever the run set, and never deletes it")
    func adopted() throws {
        let state = mesh(
            [MeshPart].of(Self.shop) + [policy("shop/theirs", labels: ["team": "web"])]
        ).writing("shop/theirs") { $0.spec["note"] = "keep" }
        let run = applied(plan(entry("shop", mtls: .strict, adopt: true)), on: state)
        #expect(run.state.images["shop/theirs"]?.spec["note"] == "keep")
        let planned = undoing(run)
        #expect(planned.lines == ["relax update PeerAuthentication shop/theirs UNSET"])
        guard case .policy(let change) = planned.rollout.steps[0].change else { return }
        #expect(change.isAdopted)
        #expect(change.after == state.images["shop/theirs"])
    }

    @Test("makes a policy that the run deleted again, with its labels and annotations")
    func recreated() {
        let labels = madeBy(plan: "home").merging(["team": "web"]) { first, _ in first }
        var state = mesh(
            [MeshPart].of(Self.shop) + [policy("shop/default", .permissive, labels: labels)])
        state.peerAuthentications[0].meta.annotations = ["why": "legacy"]
        let run = applied(plan(entry("shop", mtls: .unset)), on: state)
        #expect(run.state.images == [:])
        let end = run.state.applying(undoing(run))
        #expect(end.images == state.images)
        #expect(end.images["shop/default"]?.annotations == ["why": "legacy"])
    }

    @Test("leaves labels and annotations that others gave a policy since")
    func othersLabels() {
        let state = mesh([MeshPart].of(Self.shop) + [policy("shop/default", .permissive)])
        let run = run(policyChange("shop/default", .permissive, .strict), on: state)
        let labelled = run.state.writing("shop/default") { $0.labels["team"] = "web" }
        let planned = undoing(run, on: labelled)
        #expect(planned.conflicts == [])
        #expect(
            labelled.applying(planned).images["shop/default"]?.labels["team"] == "web")
    }

    @Test("takes an adopted policy with an empty selector for the namespace's own")
    func emptySelector() {
        let state = mesh([MeshPart].of(Self.shop)).applying([
            .policy(
                PolicyChange(
                    namespace: "shop", name: "theirs", uid: "", before: nil,
                    after: PolicyImage(
                        labels: [:],
                        spec: ["selector": ["matchLabels": [:]], "mtls": ["mode": "DISABLE"]])))
        ])
        let run = applied(plan(entry("shop", mtls: .strict, adopt: true)), on: state)
        #expect(
            undoing(run).lines == [
                "relax update PeerAuthentication shop/theirs PERMISSIVE",
                "retighten update PeerAuthentication shop/theirs DISABLE",
            ])
    }
}

extension [MeshPart] {
    /// A cluster as parts, to add to it.
    static func of(_ state: MeshState) -> [MeshPart] {
        var part = MeshPart()
        part.namespaces = state.namespaces
        part.workloads = state.workloads
        part.pods = state.pods
        part.policies = state.peerAuthentications
        return [part]
    }
}

extension MeshState {
    /// The cluster after somebody edited a policy.
    func writing(_ path: String, _ edit: (inout PolicyImage) -> Void) -> MeshState {
        guard let policy = peerAuthentications.first(where: { $0.text == path }) else {
            return self
        }
        var image = PolicyImage(policy)
        edit(&image)
        return applying([
            .policy(
                PolicyChange(
                    namespace: policy.meta.namespace, name: policy.meta.name, uid: "", before: nil,
                    after: image))
        ])
    }
}
