import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate policy-15008")
struct Policy15008Tests {
    typealias Rule = NetworkPolicy.Rule

    private let rule = Policy15008(namespaces: ["shop"])
    private static let app = NetworkPolicy.Port(number: .range(8080...8080))
    private static let hbone = NetworkPolicy.Port(number: .range(15008...15008))

    private func sample(
        _ rules: [Rule] = [], plane: PodDataplane = .none, labels: [String: String] = [:],
        foreign: Reading<[ForeignPolicies]> = .seen([])
    ) -> Policy15008.Sample {
        var state = mesh(
            namespace("shop"),
            deployment(
                "shop/cart", labels: ["app": "cart"].merging(labels) { $1 }, plane: plane))
        state.surroundings.networkPolicies = [
            NetworkPolicy(
                meta: ObjectMeta(name: "p", namespace: "shop"),
                podSelector: PodSelector(matchLabels: ["app": "cart"]), ingress: rules)
        ]
        return .init(state: state, foreign: foreign)
    }

    private func foreign(
        _ names: Reading<[String: [String]]>
    ) -> [GateFinding] {
        rule.findings(
            in: sample(
                foreign: .seen([
                    ForeignPolicies(resource: "ciliumnetworkpolicies.cilium.io", names: names)
                ])))
    }

    @Test("policies that let 15008 in beside the application's port pass")
    func pass() {
        let found = rule.findings(in: sample([Rule(ports: [Self.app, Self.hbone])]))
        #expect(
            found.lines == [
                "pass namespace shop: no NetworkPolicy keeps port 15008 of its pods closed"
            ])
    }

    @Test("a policy that lets clients in to the application's port alone fails, with what to apply")
    func fail() {
        let found = rule.findings(in: sample([Rule(ports: [Self.app])]))
        #expect(
            found.lines == [
                "fail Deployment shop/cart: NetworkPolicy shop/p keeps port 15008 closed"
            ])
        #expect(found[0].command?.contains("port: 15008") == true)
        #expect(found[0].command?.contains("\n") == false)
    }

    @Test("pods that HBONE will never come to are not judged; those with sidecars will lose them")
    func whom() {
        let closed = [Rule(ports: [Self.app])]
        #expect(
            rule.findings(in: sample(closed, labels: [LabelKeys.dataplaneMode: "none"])).letPass)
        #expect(rule.findings(in: sample(closed, plane: .sidecar)).verdicts == [.fail])
        let waypoint = sample(
            closed, labels: ["gateway.istio.io/managed": "istio.io-mesh-controller"])
        #expect(rule.findings(in: waypoint).verdicts == [.fail])
    }

    @Test("a network plugin's own policies in the namespace or the whole cluster are a doubt there")
    func foreignPolicies() {
        let there = foreign(.seen(["shop": ["deny"]]))
        #expect(there.verdicts == [.inconclusive] && there[0].namespace == "shop")
        #expect(there[0].reason.contains("ciliumnetworkpolicies.cilium.io"))
        #expect(there[0].reason.contains("shop/deny"))
        #expect(foreign(.seen(["": ["all"]])).verdicts == [.inconclusive])
        #expect(foreign(.seen(["other": ["deny"]])).letPass)
        #expect(foreign(.unseen(why: "they may not be listed")).verdicts == [.inconclusive])
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: rule, from: sample(),
            without: [
                Missing("NetworkPolicies") { $0.state.surroundings.networkPolicies = nil },
                Missing("the namespace") { $0.state.namespaces = [] },
                Missing("kinds") { $0.foreign = .unseen(why: "GET /apis: 403") },
                Missing("policies of a kind") {
                    $0.foreign = .seen([
                        ForeignPolicies(resource: "x.cilium.io", names: .unseen(why: "403"))
                    ])
                },
            ])
        #expect(Policy15008(namespaces: []).findings(in: sample()).verdicts == [.inconclusive])
    }
}
