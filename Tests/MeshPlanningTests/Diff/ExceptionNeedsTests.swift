import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Exceptions")
struct ExceptionNeedsTests {
    static let frontend = ["app": "frontend"]
    static let ours = madeBy(plan: "home")

    func shop(_ mtls: MTLSMode? = .strict, _ exceptions: ExceptionEntry...) -> MeshPlan {
        plan(entry("shop", mtls: mtls, exceptions: exceptions))
    }

    @Test("an exception carries its namespace's mode at each stage, and stands before it is tight")
    func modePerStage() {
        let result = planned(
            shop(.strict, exception("front", Self.frontend, [3000: .permissive])),
            on: mesh(namespace("shop")))
        #expect(
            result.batchLines == [
                [
                    "permissive create PeerAuthentication shop/meshctl-front PERMISSIVE 3000=PERMISSIVE",
                    "permissive create PeerAuthentication shop/default PERMISSIVE",
                ],
                [
                    "strict update PeerAuthentication shop/meshctl-front STRICT 3000=PERMISSIVE",
                    "strict update PeerAuthentication shop/default STRICT",
                ],
            ])
    }

    @Test("in a namespace that is STRICT already the exception is STRICT from the start")
    func alreadyStrict() {
        let result = planned(
            shop(.strict, exception("front", Self.frontend, [3000: .permissive])),
            on: mesh(namespace("shop"), policy("shop/default", .strict, labels: Self.ours)))
        #expect(
            result.lines == [
                "permissive create PeerAuthentication shop/meshctl-front STRICT 3000=PERMISSIVE"
            ])
    }

    @Test("opening a port of a running pod under STRICT is marked")
    func loosens() {
        let entries = shop(.strict, exception("front", Self.frontend, [3000: .permissive]))
        let strict = policy("shop/default", .strict, labels: Self.ours)
        let line = "permissive create PeerAuthentication shop/meshctl-front STRICT 3000=PERMISSIVE"
        func marks(_ plane: PodDataplane) -> [StepMark]? {
            planned(
                entries,
                on: mesh(
                    namespace("shop"), strict,
                    deployment("shop/front", labels: Self.frontend, plane: plane))
            ).marks(of: line)
        }
        #expect(marks(.sidecar) == [.loosens])
        #expect(marks(.none) == [])
    }

    @Test("all exceptions of one selector are one policy, named for the first")
    func merged() {
        let result = planned(
            shop(
                .permissive, exception("one", Self.frontend, [1: .permissive]),
                exception("two", Self.frontend, [2: .permissive])),
            on: mesh(namespace("shop")))
        #expect(
            result.lines.first
                == "permissive create PeerAuthentication shop/meshctl-one PERMISSIVE 1=PERMISSIVE 2=PERMISSIVE"
        )
    }

    @Test("a policy keeps its name when the exception is renamed or reordered")
    func nameKept() {
        let result = planned(
            shop(
                .strict,
                exception("renamed", Self.frontend, [3000: .permissive, 4000: .permissive])),
            on: mesh(
                namespace("shop"), policy("shop/default", .strict, labels: Self.ours),
                policy(
                    "shop/meshctl-front", .strict, selector: Self.frontend,
                    ports: [3000: .permissive], labels: Self.ours)))
        #expect(
            result.lines == [
                "permissive update PeerAuthentication shop/meshctl-front STRICT 3000=PERMISSIVE 4000=PERMISSIVE"
            ])
    }

    @Test("two exceptions of one name and different selectors get two names")
    func sameName() {
        let result = planned(
            shop(
                .permissive, exception("a", ["app": "x"], [1: .permissive]),
                exception("a", ["app": "y"], [1: .permissive])),
            on: mesh(namespace("shop")))
        let names = result.rollout.steps.map(\.change.object.name)
        #expect(names == ["meshctl-a", "meshctl-a-2"])
    }

    @Test("a name that any policy of the namespace has is not taken again")
    func nameTaken() {
        let result = planned(
            shop(nil, exception("a", ["app": "x"], [1: .permissive])),
            on: mesh(namespace("shop"), policy("shop/meshctl-a", .permissive)))
        #expect(result.rollout.steps.map(\.change.object.name) == ["meshctl-a-2"])
    }

    @Test("an exception that left the plan is deleted in stage strict")
    func dropped() {
        let state = mesh(
            namespace("shop"), policy("shop/default", .strict, labels: Self.ours),
            policy(
                "shop/meshctl-front", .strict, selector: Self.frontend, ports: [3000: .permissive],
                labels: Self.ours))
        #expect(
            planned(shop(.strict), on: state).lines
                == ["strict delete PeerAuthentication shop/meshctl-front"])
        #expect(planned(shop(.strict), on: state, through: .permissive).lines.isEmpty)
    }

    @Test("somebody else's workload policy is not a dropped exception")
    func foreignKept() {
        let result = planned(
            shop(.strict),
            on: mesh(
                namespace("shop"), policy("shop/default", .strict, labels: Self.ours),
                policy("shop/theirs", .strict, selector: Self.frontend)))
        #expect(result.lines.isEmpty && !result.isBlocked)
    }

    @Test("a dropped DISABLE goes over PERMISSIVE")
    func droppedDisable() {
        let result = planned(
            shop(.strict),
            on: mesh(
                namespace("shop"), policy("shop/default", .strict, labels: Self.ours),
                policy(
                    "shop/meshctl-front", .strict, selector: Self.frontend, ports: [3000: .disable],
                    labels: Self.ours)))
        #expect(
            result.lines == [
                "permissive update PeerAuthentication shop/meshctl-front STRICT 3000=PERMISSIVE",
                "strict delete PeerAuthentication shop/meshctl-front",
            ])
    }

    @Test(
        "a port never goes straight from DISABLE to STRICT or back",
        arguments: [
            (MTLSMode.disable, MTLSMode.strict), (.strict, .disable),
        ])
    func portFlip(before: MTLSMode, after: MTLSMode) {
        let result = planned(
            shop(.permissive, exception("front", Self.frontend, [3000: after])),
            on: mesh(
                namespace("shop"), policy("shop/default", .permissive, labels: Self.ours),
                policy(
                    "shop/meshctl-front", .permissive, selector: Self.frontend,
                    ports: [3000: before], labels: Self.ours)))
        #expect(
            result.lines == [
                "permissive update PeerAuthentication shop/meshctl-front PERMISSIVE 3000=PERMISSIVE",
                "strict update PeerAuthentication shop/meshctl-front PERMISSIVE 3000=\(after.rawValue)",
            ])
    }

    @Test("a port that tightens waits for stage strict")
    func tighteningPort() {
        let result = planned(
            shop(.permissive, exception("front", Self.frontend, [3000: .strict])),
            on: mesh(namespace("shop"), policy("shop/default", .permissive, labels: Self.ours)))
        #expect(
            result.lines == [
                "permissive create PeerAuthentication shop/meshctl-front PERMISSIVE 3000=PERMISSIVE",
                "strict update PeerAuthentication shop/meshctl-front PERMISSIVE 3000=STRICT",
            ])
    }

    @Test("a workload policy that is as the exception ends is left alone on the way")
    func settled() {
        let result = planned(
            shop(.strict, exception("front", Self.frontend, [3000: .permissive])),
            on: mesh(
                namespace("shop"),
                policy("shop/theirs", .strict, selector: Self.frontend, ports: [3000: .permissive]))
        )
        #expect(!result.isBlocked)
        #expect(result.rollout.steps.allSatisfy { $0.change.object.name == "default" })
    }

    @Test(
        "somebody else's policy of the same selector needs adoption, and then keeps its other settings"
    )
    func adoption() {
        let state = mesh(
            namespace("shop"), policy("shop/default", .strict, labels: Self.ours),
            policy("shop/theirs", .strict, selector: Self.frontend, ports: [80: .permissive]))
        let wanted: [Int: MTLSMode] = [3000: .permissive]
        let refused = planned(shop(.strict, exception("front", Self.frontend, wanted)), on: state)
        #expect(refused.codes == [.adoptionNeeded])
        let adopted = planned(
            shop(.strict, exception("front", Self.frontend, wanted, adopt: true)), on: state)
        #expect(
            adopted.lines == [
                "permissive update PeerAuthentication shop/theirs STRICT 80=PERMISSIVE 3000=PERMISSIVE",
                "strict update PeerAuthentication shop/theirs STRICT 3000=PERMISSIVE",
            ])
    }

    @Test("two selectors of the plan that meet on one pod are an error that names the pod")
    func overlap() {
        let result = planned(
            shop(
                .strict, exception("a", ["app": "x"], [1: .permissive]),
                exception("b", ["tier": "web"], [2: .permissive])),
            on: mesh(
                namespace("shop"),
                pod("shop/both", labels: ["app": "x", "tier": "web"]),
                pod("shop/one", labels: ["app": "x"])))
        let overlap = result.diagnostics.filter { $0.code == .shadowedPolicy }
        #expect(overlap.count == 1)
        #expect(overlap.first?.message.contains("shop/both") == true)
    }

    @Test("a selector that meets somebody else's policy on one pod is an error that names both")
    func overlapWithForeign() {
        let result = planned(
            shop(.strict, exception("a", ["app": "x"], [1: .permissive])),
            on: mesh(
                namespace("shop"), policy("shop/theirs", .strict, selector: ["tier": "web"]),
                pod("shop/both", labels: ["app": "x", "tier": "web"])))
        let overlap = result.diagnostics.first { $0.code == .shadowedPolicy }
        #expect(overlap?.message.contains("shop/theirs") == true)
        #expect(result.isBlocked)
    }
}
