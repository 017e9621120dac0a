import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Client rules and egress of a rollout that keeps its flows")
struct TrafficOrderTests {
    private static let injected = ["istio-injection": "enabled"]
    private let host = "cart.shop.svc.cluster.local"
    private let web = "web/deployment/web"

    private var parts: [MeshPart] {
        [
            namespace("shop", labels: Self.injected), namespace("web", labels: Self.injected),
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
            deployment("web/web", labels: ["app": "web"], plane: .sidecar),
            service("shop/cart", ["app": "cart"]),
        ]
    }

    private func result(_ parts: [MeshPart], _ plan: MeshPlan) -> PlannedRollout {
        RolloutPlanner.plan(
            plan, on: mesh(parts), flows: [flow(web, "shop/service/cart:80")])
    }

    private func rule(_ mode: ClientTLSMode, _ namespaces: NamespaceEntry...) -> MeshPlan {
        plan {
            $0.namespaces = namespaces
            $0.clients = [client(host, [80: mode])]
        }
    }

    @Test("a rule that has clients send plaintext to a STRICT server is blocked at its own step")
    func plaintextToStrict() throws {
        let found = result(parts + [policy("shop/default", .strict)], rule(.disable))
        #expect(found.codes == [.flowWouldBreak])
        let detail = try #require(found.diagnostics.first?.detail)
        #expect(detail.contains("create DestinationRule shop/meshctl-cart, stage permissive"))
        #expect(detail.contains("strict-refuses-plaintext"))
    }

    @Test("after such a rule the flip to STRICT is judged with it")
    func flipAfterRule() throws {
        let found = result(parts, rule(.disable, entry("shop", mtls: .strict)))
        #expect(found.codes == [.flowWouldBreak])
        let detail = try #require(found.diagnostics.first?.detail)
        #expect(detail.contains("update PeerAuthentication shop/default, stage strict"))
    }

    @Test("a rule that says mTLS outright keeps the flow through the flip")
    func mutual() {
        let found = result(parts, rule(.istioMutual, entry("shop", mtls: .strict)))
        #expect(!found.isBlocked)
        #expect(found.rollout.steps.count == 3)
    }

    @Test("a rule that keeps a port readable cannot be dropped while the flow needs it")
    func dropped() throws {
        let excluded = ["traffic.sidecar.istio.io/excludeInboundPorts": "8080"]
        var parts = parts
        parts[2] = deployment(
            "shop/cart", labels: ["app": "cart"], annotations: excluded, plane: .sidecar)
        let ours = try destinationRule(
            "shop/meshctl-cart", host: host,
            ["portLevelSettings": [["port": ["number": 80], "tls": ["mode": "DISABLE"]]]],
            labels: madeBy(plan: "home"))
        let found = result(parts + [ours], plan(entry("shop")))
        #expect(found.codes == [.flowWouldBreak])
        let detail = try #require(found.diagnostics.first?.detail)
        #expect(detail.contains("delete DestinationRule shop/meshctl-cart, stage strict"))
    }

    @Test("isolation that leaves out a host which is called is blocked where the server is STRICT")
    func isolation() throws {
        var cut = entry("web")
        cut.egress = ["./*"]
        let strict = parts + [policy("shop/default", .strict)]
        let found = result(strict, plan(cut))
        #expect(found.codes == [.flowWouldBreak])
        #expect(found.diagnostics.first?.detail.contains("Sidecar web/default") == true)
        cut.egress = ["./*", "shop/*"]
        #expect(!result(strict, plan(cut)).isBlocked)
    }

    @Test("a rule for another host, and a Sidecar of another namespace, are no matter of the flow")
    func others() {
        var other = entry("shop")
        other.egress = ["~/*"]
        let plan = plan(other) {
            $0.clients = [client("pay.shop.svc.cluster.local", [80: .disable])]
        }
        let found = result(parts + [policy("shop/default", .strict)], plan)
        #expect(!found.isBlocked)
    }

    @Test("a rollback leaves out what a flow needs that is carried now")
    func back() {
        let state = mesh(parts)
        let run = applied(rule(.istioMutual), on: state)
        var strict = run.state
        strict.peerAuthentications = mesh(policy("shop/default", .strict)).peerAuthentications
        let flows = [flow(web, "shop/service/cart:80")]
        let free = RollbackPlanner.plan(
            undoing: run.run, rollbacks: [], on: strict, flows: flows, options: .init())
        #expect(free.rollout.steps.count == 1)
        #expect(free.leftAlone == [])
    }
}
