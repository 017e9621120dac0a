import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Egress of a plan against the Sidecars that are there")
struct EgressNeedsTests {
    private func plan(_ hosts: [String]?, adopt: Bool = false) -> MeshPlan {
        var shop = entry("shop", adopt: adopt)
        shop.egress = hosts
        return TestSupport.plan(shop)
    }

    private func cluster(_ parts: MeshPart...) -> MeshState {
        mesh([namespace("shop"), namespace("istio-system")] + parts)
    }

    private func scope(_ hosts: String...) -> JSONValue {
        ["egress": [["hosts": .array(hosts.map(JSONValue.string))]]]
    }

    @Test("a Sidecar named default is made, after every other step of stage permissive")
    func creates() {
        var plan = plan(["./*", "istio-system/*"])
        plan.clients = [client("cart.shop.svc.cluster.local", [80: .disable])]
        plan.external = [external("api.example.com", in: "shop", port: 80)]
        plan.namespaces[0].mtls = .strict
        let result = planned(plan, on: cluster(service("shop/cart", ports: [80])))
        #expect(
            result.rollout.steps.map { "\($0.phase) \($0.change.object.text)" } == [
                "permissive PeerAuthentication shop/default",
                "permissive DestinationRule shop/meshctl-cart",
                "permissive ServiceEntry shop/meshctl-api-example-com",
                "permissive Sidecar shop/default", "strict PeerAuthentication shop/default",
            ])
        #expect(
            result.lines[3] == "permissive create Sidecar shop/default "
                + scope("./*", "istio-system/*").canonicalText)
    }

    @Test("isolation comes last in all waves, not in each")
    func waves() {
        var (one, two) = (entry("a", wave: "one"), entry("b", wave: "two"))
        (one.egress, two.egress) = (["./*"], ["./*"])
        let plan = TestSupport.plan(waves: ["one", "two"], one, two) {
            $0.external = [external("api.example.com", in: "b", port: 80)]
        }
        let result = planned(plan, on: mesh(namespace("a"), namespace("b")))
        #expect(
            result.rollout.steps.map { "\($0.wave ?? "") \($0.change.object.text)" } == [
                "two ServiceEntry b/meshctl-api-example-com", "one Sidecar a/default",
                "two Sidecar b/default",
            ])
    }

    @Test("the hosts in another order are the same hosts")
    func order() throws {
        let theirs = try sidecarScope("shop/theirs", scope("istio-system/*", "./*"))
        let result = planned(plan(["./*", "istio-system/*"]), on: cluster(theirs))
        #expect(result.lines == [])
        #expect(!result.isBlocked)
    }

    @Test("somebody else's Sidecar needs the namespace's adopt, and keeps what else it says")
    func adopts() throws {
        let spec: JSONValue = [
            "egress": [["port": ["number": 80], "hosts": ["./a"]], ["hosts": ["*/*"]]],
            "outboundTrafficPolicy": ["mode": "REGISTRY_ONLY"],
        ]
        let theirs = try sidecarScope("shop/theirs", spec)
        #expect(planned(plan(["./*"]), on: cluster(theirs)).codes == [.adoptionNeeded])
        let result = planned(plan(["./*"], adopt: true), on: cluster(theirs))
        let after: JSONValue = [
            "egress": [["port": ["number": 80], "hosts": ["./a"]], ["hosts": ["./*"]]],
            "outboundTrafficPolicy": ["mode": "REGISTRY_ONLY"],
        ]
        #expect(result.lines == ["permissive update Sidecar shop/theirs \(after.canonicalText)"])
    }

    @Test("a Sidecar for selected workloads is not the namespace's, but may hold its name")
    func selected() throws {
        let selector: JSONValue = ["workloadSelector": ["labels": ["app": "x"]]]
        let beside = planned(
            plan(["./*"]), on: cluster(try sidecarScope("shop/some", selector)))
        #expect(beside.rollout.steps.map(\.change.action) == [.create])
        let named = planned(
            plan(["./*"]), on: cluster(try sidecarScope("shop/default", selector)))
        #expect(named.codes == [.policyNameTaken])
    }

    @Test("ours, shadowed by an older one of somebody else, blocks")
    func shadowed() throws {
        let theirs = try sidecarScope(
            "shop/theirs", scope("*/*"), created: "2019-01-01T00:00:00Z")
        let ours = try sidecarScope("shop/default", scope("./*"), labels: madeBy(plan: "home"))
        let result = planned(plan(["./*"], adopt: true), on: cluster(theirs, ours))
        #expect(result.codes == [.shadowedPolicy])
    }

    @Test("without the key ours is deleted in stage strict, and somebody else's stays")
    func dropped() throws {
        let ours = try sidecarScope("shop/default", scope("./*"), labels: madeBy(plan: "home"))
        #expect(
            planned(plan(nil), on: cluster(ours)).lines == ["strict delete Sidecar shop/default"])
        let theirs = try sidecarScope("shop/default", scope("./*"))
        #expect(planned(plan(nil), on: cluster(theirs)).lines == [])
    }

    @Test("the root namespace's would hold for the whole mesh, so it is refused")
    func root() {
        var entry = entry("istio-system")
        entry.egress = ["./*"]
        let result = planned(TestSupport.plan(entry), on: cluster())
        #expect(result.codes == [.rootNamespacePolicy])
        #expect(result.lines == [])
    }
}
