import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("The policies of the mesh and of namespaces, stage by stage")
struct ScopePolicyNeedsTests {
    static let ours = madeBy(plan: "home")
    static let root = namespace("istio-system")
    static let shop = namespace("shop")
    static let cart = deployment("shop/cart", plane: .sidecar)

    func mode(_ mode: MTLSMode) -> MeshPart { policy("shop/default", mode, labels: Self.ours) }
    func meshMode(_ mode: MTLSMode) -> MeshPart {
        policy("istio-system/default", mode, labels: Self.ours)
    }

    @Test("a namespace is explicitly PERMISSIVE before it is STRICT")
    func permissiveFirst() {
        let result = planned(plan(entry("shop", mtls: .strict)), on: mesh(Self.shop))
        #expect(
            result.lines == [
                "permissive create PeerAuthentication shop/default PERMISSIVE",
                "strict update PeerAuthentication shop/default STRICT",
            ])
    }

    @Test("the stage bounds the plan and never downgrades")
    func stageBound() {
        let wanted = plan(entry("shop", mtls: .strict))
        #expect(planned(wanted, on: mesh(Self.shop), through: .enroll).lines.isEmpty)
        #expect(planned(wanted, on: mesh(Self.shop), through: .permissive).lines.count == 1)
        #expect(planned(wanted, on: mesh(Self.shop, mode(.strict)), through: .enroll).lines.isEmpty)
    }

    @Test("DISABLE never goes straight to STRICT, nor back, in a namespace or in the mesh")
    func neverStraight() {
        for (before, after) in [(MTLSMode.disable, MTLSMode.strict), (.strict, .disable)] {
            let inNamespace = planned(
                plan(entry("shop", mtls: after)), on: mesh(Self.shop, mode(before)))
            #expect(
                inNamespace.lines == [
                    "permissive update PeerAuthentication shop/default PERMISSIVE",
                    "strict update PeerAuthentication shop/default \(after.rawValue)",
                ])
            let inMesh = planned(plan(mtls: after), on: mesh(Self.root, meshMode(before)))
            #expect(
                inMesh.lines == [
                    "permissive update PeerAuthentication istio-system/default PERMISSIVE",
                    "strict update PeerAuthentication istio-system/default \(after.rawValue)",
                ])
        }
    }

    @Test("an inherited DISABLE goes over an explicit PERMISSIVE too")
    func inheritedDisable() {
        let result = planned(
            plan(entry("shop", mtls: .strict)), on: mesh(Self.root, Self.shop, meshMode(.disable)))
        #expect(
            result.lines == [
                "permissive create PeerAuthentication shop/default PERMISSIVE",
                "strict update PeerAuthentication shop/default STRICT",
            ])
    }

    @Test("what is STRICT by inheritance needs no policy while the mesh stays STRICT")
    func inheritedStrict() {
        let result = planned(
            plan(entry("shop", mtls: .strict)), on: mesh(Self.root, Self.shop, meshMode(.strict)))
        #expect(result.lines.isEmpty)
    }

    @Test("what is STRICT by inheritance is pinned before the mesh loosens")
    func pinnedStrict() {
        let result = planned(
            plan(mtls: .permissive, entry("shop", mtls: .strict)),
            on: mesh(Self.root, Self.shop, meshMode(.strict)))
        #expect(
            result.batchLines == [
                ["permissive create PeerAuthentication shop/default STRICT"],
                ["permissive update PeerAuthentication istio-system/default PERMISSIVE"],
            ])
    }

    @Test("the mesh flips last, in a batch of its own")
    func meshLast() {
        let result = planned(
            plan(
                mtls: .strict, waves: ["first"], entry("shop", mtls: .strict),
                entry("a", mtls: .strict, wave: "first")),
            on: mesh(Self.root, Self.shop, namespace("a")))
        #expect(
            result.batchLines.last == [
                "strict create PeerAuthentication istio-system/default STRICT"
            ])
        #expect(result.rollout.batches.count == 5)
    }

    @Test("a mesh without a policy that should be PERMISSIVE is so already")
    func meshPermissive() {
        #expect(planned(plan(mtls: .permissive), on: mesh(Self.root)).lines.isEmpty)
    }

    @Test("UNSET removes ours: at once where that relaxes, after the mesh's flip where it tightens")
    func unset() {
        let relaxing = planned(
            plan(entry("shop", mtls: .unset)), on: mesh(Self.shop, mode(.strict), Self.cart))
        #expect(relaxing.lines == ["permissive delete PeerAuthentication shop/default"])
        #expect(relaxing.rollout.steps[0].marks == [.loosens])
        let tightening = planned(
            plan(mtls: .strict, entry("shop", mtls: .unset)),
            on: mesh(Self.root, Self.shop, mode(.permissive)))
        #expect(
            tightening.lines == [
                "strict create PeerAuthentication istio-system/default STRICT",
                "strict delete PeerAuthentication shop/default",
            ])
    }

    @Test("UNSET over a DISABLE that inherits STRICT goes over PERMISSIVE, and the reverse")
    func unsetNeverStraight() {
        for (own, inherited) in [(MTLSMode.disable, MTLSMode.strict), (.strict, .disable)] {
            let result = planned(
                plan(entry("shop", mtls: .unset)),
                on: mesh(Self.root, Self.shop, mode(own), meshMode(inherited)))
            #expect(
                result.lines == [
                    "permissive update PeerAuthentication shop/default PERMISSIVE",
                    "strict delete PeerAuthentication shop/default",
                ])
        }
    }

    @Test("UNSET over a DISABLE waits for the mesh that is on its way to PERMISSIVE")
    func unsetAfterMesh() {
        let result = planned(
            plan(mtls: .permissive, entry("shop", mtls: .unset)),
            on: mesh(Self.root, Self.shop, mode(.disable), meshMode(.strict)))
        #expect(
            result.lines == [
                "permissive update PeerAuthentication istio-system/default PERMISSIVE",
                "permissive delete PeerAuthentication shop/default",
            ])
    }

    @Test("UNSET leaves somebody else's policy, and says so")
    func unsetForeign() {
        let result = planned(
            plan(entry("shop", mtls: .unset)), on: mesh(Self.shop, policy("shop/theirs", .strict)))
        #expect(result.lines.isEmpty)
        #expect(result.codes == [.leftOver])
        #expect(!result.isBlocked)
    }

    @Test("UNSET takes the mode out of an adopted policy and keeps the object")
    func unsetAdopted() {
        let result = planned(
            plan(entry("shop", mtls: .unset, adopt: true)),
            on: mesh(Self.shop, policy("shop/theirs", .strict)))
        #expect(result.lines == ["permissive update PeerAuthentication shop/theirs UNSET"])
    }

    @Test("opening an effective STRICT is marked, but only where something enforces it")
    func loosens() {
        let wanted = plan(entry("shop", mtls: .permissive))
        let line = "permissive update PeerAuthentication shop/default PERMISSIVE"
        #expect(
            planned(wanted, on: mesh(Self.shop, mode(.strict), Self.cart)).marks(of: line)
                == [.loosens])
        #expect(
            planned(wanted, on: mesh(Self.shop, mode(.strict), deployment("shop/cart")))
                .marks(of: line) == [])
        #expect(
            planned(wanted, on: mesh(Self.shop, mode(.disable), Self.cart)).marks(of: line) == [])
    }

    @Test("what a plan made in a namespace that it no longer lists stays, or goes with --prune")
    func leftOvers() {
        let state = mesh(
            Self.shop, mode(.strict), policy("shop/theirs", .strict, selector: ["a": "b"]))
        let kept = planned(plan(), on: state)
        #expect(kept.lines.isEmpty)
        #expect(kept.codes == [.leftOver])
        let pruned = planned(plan(), on: state, prune: true)
        #expect(pruned.lines == ["strict delete PeerAuthentication shop/default"])
        #expect(pruned.diagnostics.isEmpty)
    }

    @Test("pruning a DISABLE under a STRICT mesh goes over PERMISSIVE")
    func prunedDisable() {
        let result = planned(
            plan(mtls: .strict), on: mesh(Self.root, Self.shop, meshMode(.strict), mode(.disable)),
            prune: true)
        #expect(
            result.lines == [
                "permissive update PeerAuthentication shop/default PERMISSIVE",
                "strict delete PeerAuthentication shop/default",
            ])
    }
}
