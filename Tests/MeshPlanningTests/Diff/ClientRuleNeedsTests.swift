import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Client rules of a plan against the DestinationRules that are there")
struct ClientRuleNeedsTests {
    private let host = "cart.shop.svc.cluster.local"

    private func plan(
        _ ports: [Int: ClientTLSMode], adopt: Bool = false, listed: Bool = true
    ) -> MeshPlan {
        TestSupport.plan {
            if listed { $0.namespaces = [entry("shop", wave: "one")] }
            $0.rollout.waves = ["one"]
            if !ports.isEmpty { $0.clients = [client(host, ports, adopt: adopt)] }
        }
    }

    private func cluster(_ parts: MeshPart...) -> MeshState {
        mesh(
            [namespace("shop"), namespace("web"), service("shop/cart", ports: [80, 9091])] + parts)
    }

    private func ports(_ settings: JSONValue...) -> JSONValue {
        ["portLevelSettings": .array(settings)]
    }

    private func port(_ number: Int64, _ mode: String) -> JSONValue {
        ["port": ["number": .integer(number)], "tls": ["mode": .string(mode)]]
    }

    @Test("a rule that is not there goes into the Service's namespace, labelled and in its wave")
    func creates() throws {
        let result = planned(plan([9091: .disable, 80: .istioMutual]), on: cluster())
        #expect(!result.isBlocked)
        let step = try #require(result.rollout.steps.first)
        #expect(result.rollout.steps.count == 1)
        #expect(step.change.object.text == "DestinationRule shop/meshctl-cart")
        #expect((step.phase, step.wave, step.settles) == (.permissive, "one", true))
        guard case .traffic(let change) = step.change else { return #expect(Bool(false)) }
        #expect(change.before == nil)
        #expect(change.after?.labels == madeBy(plan: "home"))
        #expect(
            change.after?.spec == [
                "host": .string(host),
                "trafficPolicy": ports(port(80, "ISTIO_MUTUAL"), port(9091, "DISABLE")),
            ])
        #expect(result.codes == [])
    }

    @Test("without adopt, somebody else's rule for the host blocks and prints the line to paste")
    func adoptionNeeded() throws {
        let theirs = try destinationRule("shop/theirs", host: "cart", ["tls": ["mode": "SIMPLE"]])
        let result = planned(plan([9091: .disable]), on: cluster(theirs))
        #expect(result.isBlocked)
        #expect(result.codes == [.adoptionNeeded])
        #expect(result.diagnostics.first?.remedy == "adopt: true")
        #expect(result.lines == [])
    }

    @Test("adopted, it is changed in place, and a new port carries its other settings along")
    func adopts() throws {
        let pool: JSONValue = ["tcp": ["maxConnections": 100]]
        let theirs = try destinationRule(
            "shop/theirs", host: host,
            [
                "connectionPool": pool, "tls": ["mode": "ISTIO_MUTUAL"],
                "portLevelSettings": [
                    ["port": ["number": 80], "outlierDetection": ["interval": "1s"]]
                ],
            ])
        let result = planned(
            plan([80: .simple, 9091: .disable], adopt: true), on: cluster(theirs))
        let step = try #require(result.rollout.steps.first)
        guard case .traffic(let change) = step.change else { return #expect(Bool(false)) }
        #expect((change.name, change.isAdopted, change.uid) == ("theirs", true, "dr-shop/theirs"))
        #expect(change.after?.labels == [:])
        #expect(
            change.after?.spec["trafficPolicy"] == [
                "connectionPool": pool, "tls": ["mode": "ISTIO_MUTUAL"],
                "portLevelSettings": [
                    [
                        "port": ["number": 80], "outlierDetection": ["interval": "1s"],
                        "tls": ["mode": "SIMPLE"],
                    ],
                    [
                        "port": ["number": 9091], "connectionPool": pool,
                        "tls": ["mode": "DISABLE"],
                    ],
                ],
            ])
    }

    @Test(
        "somebody else's rule that says so already is left alone, and needs no adopt",
        arguments: [
            ["tls": ["mode": "DISABLE"]], ["tls": [:]],
            ["portLevelSettings": [["port": ["number": 9091], "tls": ["mode": "DISABLE"]]]],
        ] as [JSONValue])
    func saysSo(policy: JSONValue) throws {
        let theirs = try destinationRule("shop/theirs", host: host, policy)
        let result = planned(plan([9091: .disable]), on: cluster(theirs))
        #expect(result.lines == [])
        #expect(!result.isBlocked)
    }

    @Test("a port's entry without tls replaces the rule's own, so it does not say so")
    func portHidesTLS() throws {
        let theirs = try destinationRule(
            "shop/theirs", host: host,
            ["tls": ["mode": "DISABLE"], "portLevelSettings": [["port": ["number": 9091]]]])
        #expect(planned(plan([9091: .disable]), on: cluster(theirs)).codes == [.adoptionNeeded])
    }

    @Test("a rule for selected clients is not the Service's rule")
    func selected() throws {
        let theirs = try destinationRule(
            "shop/theirs", host: host, ["tls": ["mode": "SIMPLE"]], selector: ["app": "x"])
        let result = planned(plan([9091: .disable]), on: cluster(theirs))
        #expect(result.rollout.steps.map(\.change.action) == [.create])
    }

    @Test("ours is found again under any name; a new mode at once, a dropped port in stage strict")
    func ours() throws {
        let ours = try destinationRule(
            "shop/renamed", host: host, ports(port(80, "DISABLE"), port(9091, "SIMPLE")),
            labels: madeBy(plan: "home"))
        let result = planned(plan([9091: .disable]), on: cluster(ours))
        #expect(
            result.lines == [
                "permissive update DestinationRule shop/renamed "
                    + spec(ports(port(80, "DISABLE"), port(9091, "DISABLE"))),
                "strict update DestinationRule shop/renamed " + spec(ports(port(9091, "DISABLE"))),
            ])
    }

    private func spec(_ policy: JSONValue) -> String {
        (["host": .string(host), "trafficPolicy": policy] as JSONValue).canonicalText
    }

    @Test("a dropped rule of a listed namespace is deleted in stage strict, before any flip")
    func dropped() throws {
        let ours = try destinationRule(
            "shop/meshctl-cart", host: host, ports(port(80, "DISABLE")),
            labels: madeBy(plan: "home"))
        var plan = plan([:])
        plan.namespaces[0].mtls = .strict
        let result = planned(plan, on: cluster(ours))
        #expect(
            result.lines == [
                "permissive create PeerAuthentication shop/default PERMISSIVE",
                "strict delete DestinationRule shop/meshctl-cart",
                "strict update PeerAuthentication shop/default STRICT",
            ])
        #expect(planned(plan, on: cluster(ours), through: .permissive).lines.count == 1)
    }

    @Test("where the namespace is not listed it is left over, and --prune deletes it")
    func leftOver() throws {
        let ours = try destinationRule(
            "shop/meshctl-cart", host: host, ports(port(80, "DISABLE")),
            labels: madeBy(plan: "home"))
        let plan = plan([:], listed: false)
        let result = planned(plan, on: cluster(ours))
        #expect(result.lines == [])
        #expect(result.codes == [.leftOver])
        #expect(
            planned(plan, on: cluster(ours), prune: true).lines == [
                "strict delete DestinationRule shop/meshctl-cart"
            ])
    }

    @Test("another plan's rule, and one that a reconciler keeps, block even with adopt")
    func conflicts() throws {
        let other = try destinationRule(
            "shop/x", host: host, ["tls": ["mode": "SIMPLE"]], labels: madeBy(plan: "work"))
        #expect(
            planned(plan([80: .disable], adopt: true), on: cluster(other)).codes == [.otherPlan])
        let argo = try destinationRule(
            "shop/x", host: host, ["tls": ["mode": "SIMPLE"]],
            managedFields: [owned(by: "argocd-controller", .update, "spec", "host")])
        #expect(
            planned(plan([80: .disable], adopt: true), on: cluster(argo)).codes
                == [.managedElsewhere])
    }

    @Test("ours, shadowed by an older rule of somebody else, blocks and names both")
    func shadowed() throws {
        let theirs = try destinationRule(
            "shop/theirs", host: host, ["tls": ["mode": "SIMPLE"]], created: "2019-01-01T00:00:00Z")
        let ours = try destinationRule(
            "shop/meshctl-cart", host: host, ports(port(80, "DISABLE")),
            labels: madeBy(plan: "home"))
        let result = planned(plan([80: .disable], adopt: true), on: cluster(theirs, ours))
        #expect(result.codes == [.shadowedPolicy])
        #expect(result.diagnostics.first?.message.contains("shop/theirs") == true)
        #expect(result.lines == [])
    }

    @Test("a Service or port that is not there makes the rule inert, which is said")
    func inert() {
        let missingPort = planned(plan([8080: .disable]), on: cluster())
        #expect(missingPort.codes == [.inertClientRule])
        #expect(missingPort.diagnostics.first?.detail.contains("80, 9091") == true)
        let none = planned(plan([80: .disable]), on: mesh(namespace("shop")))
        #expect(none.codes == [.inertClientRule])
        #expect(!none.isBlocked)
    }

    @Test("rules that win over it, or that it takes the place of, are named")
    func overlaps() throws {
        let nearer = try destinationRule("web/mine", host: host, ["tls": ["mode": "SIMPLE"]])
        let wider = try destinationRule("shop/all", host: "*.shop.svc.cluster.local", [:])
        let result = planned(plan([80: .disable]), on: cluster(nearer, wider))
        #expect(result.codes == [.overlappingRules, .overlappingRules])
        #expect(result.diagnostics.map(\.message).joined().contains("web/mine"))
        #expect(result.diagnostics.map(\.message).joined().contains("shop/all"))
    }

    @Test("where rules may not be listed, nothing is planned by guessing")
    func unreadable() {
        var state = cluster()
        state.flows.unreadable = ["DestinationRule"]
        let result = planned(plan([80: .disable]), on: state)
        #expect(result.codes == [.cannotJudge])
        #expect(result.isBlocked)
        #expect(result.lines == [])
    }

    @Test("a namespace that is not there, or is going, is an error")
    func namespaces() {
        let plan = plan([80: .disable], listed: false)
        #expect(planned(plan, on: mesh(namespace("web"))).codes == [.unknownNamespace])
        #expect(
            planned(plan, on: mesh(namespace("shop", isTerminating: true))).codes
                == [.terminatingNamespace])
    }
}
