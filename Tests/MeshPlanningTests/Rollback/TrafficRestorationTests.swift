import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("The way back of client rules, external hosts and egress")
struct TrafficRestorationTests {
    private var plan: MeshPlan {
        var shop = entry("shop", mtls: .strict)
        shop.egress = ["./*"]
        return TestSupport.plan(shop) {
            $0.clients = [client("cart.shop.svc.cluster.local", [80: .disable], adopt: true)]
            $0.external = [
                external(
                    "api.example.com", in: "shop", port: 80, to: 443, tls: .init(mode: .simple))
            ]
        }
    }

    private func cluster(_ parts: MeshPart...) -> MeshState {
        mesh([namespace("shop"), service("shop/cart", ports: [80])] + parts)
    }

    private func words(_ planned: PlannedRollback) -> [String] {
        planned.rollout.steps.map {
            "\($0.phase) \($0.change.action) \($0.change.object.text)"
        }
    }

    @Test("what was made goes in phase remove: isolation, then the host, then its rule")
    func removed() {
        let run = applied(plan, on: cluster())
        let back = undoing(run)
        #expect(
            words(back) == [
                "relax delete PeerAuthentication shop/default",
                "remove delete Sidecar shop/default",
                "remove delete ServiceEntry shop/meshctl-api-example-com",
                "remove delete DestinationRule shop/meshctl-api-example-com",
                "remove delete DestinationRule shop/meshctl-cart",
            ])
        #expect(back.rollout.batches.count == 4)
        #expect(back.rollout.steps.allSatisfy { $0.settles })
        #expect(run.state.applying(back).trafficImages == [:])
    }

    @Test("an adopted rule gets its spec back and is never deleted")
    func adopted() throws {
        let theirs = try destinationRule(
            "shop/theirs", host: "cart.shop.svc.cluster.local", ["tls": ["mode": "SIMPLE"]])
        let before = cluster(theirs)
        var plan = plan
        plan.external = []
        plan.namespaces = []
        let run = applied(plan, on: before)
        let back = undoing(run)
        #expect(words(back) == ["remove update DestinationRule shop/theirs"])
        guard case .traffic(let change)? = back.rollout.steps.first?.change else {
            return #expect(Bool(false))
        }
        #expect(change.isAdopted)
        #expect(run.state.applying(back).flows == before.flows)
    }

    @Test("what was deleted is made again, the rule before the host, isolation last")
    func madeAgain() {
        let before = applied(plan, on: cluster()).state
        let run = applied(TestSupport.plan(entry("shop")), on: before)
        #expect(run.state.trafficImages == [:])
        let back = undoing(run)
        #expect(
            words(back) == [
                "remove create DestinationRule shop/meshctl-api-example-com",
                "remove create DestinationRule shop/meshctl-cart",
                "remove create ServiceEntry shop/meshctl-api-example-com",
                "remove create Sidecar shop/default",
            ])
        #expect(run.state.applying(back).trafficImages == before.trafficImages)
    }

    @Test("what somebody else changed since is a conflict and stays, unless overwritten")
    func conflict() throws {
        let run = applied(plan, on: cluster())
        var state = run.state
        let index = try #require(
            state.flows.destinationRules.firstIndex { $0.meta.name == "meshctl-cart" })
        let spec: JSONValue = ["host": "cart.shop.svc.cluster.local"]
        let meta = state.flows.destinationRules[index].meta
        state.flows.destinationRules[index] = try DestinationRule(meta: meta, spec: spec)
        let back = undoing(run, on: state)
        let object = ObjectReference(
            kind: "DestinationRule", namespace: "shop", name: "meshctl-cart")
        #expect(back.conflicts.map(\.object) == [object])
        #expect(back.conflicts.first?.before == .null)
        #expect(back.conflicts.first?.now == spec)
        #expect(back.leftAlone == [object])
        #expect(!words(back).contains { $0.contains("meshctl-cart") })
        let forced = undoing(run, on: state, overwrite: true)
        #expect(words(forced).contains("remove delete DestinationRule shop/meshctl-cart"))
    }

    @Test("what may not be read now is left alone and named, not taken for gone")
    func unreadable() {
        let run = applied(plan, on: cluster())
        var state = run.state
        state.flows.sidecarScopes = []
        state.flows.unreadable = ["Sidecar"]
        let back = undoing(run, on: state)
        #expect(back.leftAlone.map(\.text) == ["Sidecar shop/default"])
        #expect(back.diagnostics.map(\.code) == [.cannotJudge])
    }

    @Test("with policies only, none of it is touched")
    func policiesOnly() {
        let back = undoing(applied(plan, on: cluster()), policiesOnly: true)
        #expect(words(back) == ["relax delete PeerAuthentication shop/default"])
    }

    @Test("a rule stays while the host that it is for could not be removed")
    func resting() throws {
        let steps = undoing(applied(plan, on: cluster())).rollout.steps
        let entry = try #require(steps.first { $0.change.object.kind == "ServiceEntry" })
        let rule = try #require(steps.first { $0.change.object.kind == "DestinationRule" })
        let scope = try #require(steps.first { $0.change.object.kind == "Sidecar" })
        #expect(rule.rests(on: entry))
        #expect(entry.rests(on: scope))
        #expect(!entry.rests(on: rule))
    }
}
