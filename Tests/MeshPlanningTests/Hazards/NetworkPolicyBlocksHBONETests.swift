import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("NetworkPolicies that keep port 15008 closed")
struct NetworkPolicyBlocksHBONETests {
    typealias Rule = NetworkPolicy.Rule

    static let app = NetworkPolicy.Port(number: .range(8080...8080))
    static let hbone = NetworkPolicy.Port(number: .range(15000...15010))
    static let front = NetworkPolicy.Peer.pods("front")

    private func found(
        _ rules: [[Rule]?], probes: [Container.Probe] = [], selects: String = "cart",
        _ dataplane: DesiredDataplane = .ambient
    ) -> [Diagnostic] {
        let policies = rules.enumerated().map { index, ingress in
            NetworkPolicy(
                meta: ObjectMeta(name: "p\(index)", namespace: "shop"),
                podSelector: PodSelector(matchLabels: ["app": selects]), ingress: ingress)
        }
        let state = mesh(namespace("shop"), deployment("shop/cart", labels: ["app": "cart"]))
            .with(around: Surroundings(networkPolicies: policies))
            .editingPods { $0.containers[0].probes = probes }
        return told(
            by: NetworkPolicyBlocksHBONE.self, plan(entry("shop", dataplane)), on: state)
    }

    @Test("a policy that admits the application's port alone is named, with what to apply")
    func closed() throws {
        let found = found([[Rule(peers: [Self.front], ports: [Self.app])]])
        let only = try #require(found.first)
        #expect(found.count == 1 && only.severity == .warning)
        #expect(only.code == .networkPolicy15008)
        #expect(only.message.contains("shop/p0") && only.message.contains("shop/Deployment/cart"))
        #expect(only.remedy?.contains("port: 15008") == true)
        #expect(only.remedy?.contains("169.254.7.127") == false)
    }

    @Test("a rule that admits 15008 for the same clients, in any policy, is enough")
    func open() {
        let app = Rule(peers: [Self.front], ports: [Self.app])
        #expect(found([[app, Rule(peers: [Self.front], ports: [Self.hbone])]]).isEmpty)
        #expect(found([[app], [Rule(ports: [Self.hbone])]]).isEmpty)
        #expect(found([[Rule(peers: [Self.front])]]).isEmpty)
        #expect(found([[app], [Rule(peers: [.pods("other")], ports: [Self.hbone])]]).count == 1)
    }

    @Test(
        "policies that say nothing about TCP, about other pods, or that admit nobody lose nothing")
    func notConcerned() {
        let udp = NetworkPolicy.Port(transport: "UDP", number: .any)
        let app = Rule(ports: [Self.app])
        #expect(found([[Rule(ports: [udp])]]).isEmpty)
        #expect(found([[app]], selects: "other").isEmpty)
        #expect(found([[]]).isEmpty)
        #expect(found([nil]).isEmpty)
        #expect(found([[app]], .sidecar).isEmpty)
    }

    @Test("probes come from another address, which a rule has to admit")
    func probes() throws {
        let probes = [Container.Probe(port: .number(8080), path: "/")]
        let only = try #require(found([[Rule(peers: [Self.front])]], probes: probes).first)
        #expect(only.remedy?.contains("169.254.7.127/32") == true)
        #expect(only.remedy?.contains("15008") == false)
        let both = found([[Rule(peers: [Self.front], ports: [Self.app])]], probes: probes)
        #expect(both.first?.remedy?.contains("169.254.7.127/32") == true)
        #expect(both.first?.remedy?.contains("15008") == true)
        let local = NetworkPolicy.Peer.addresses("169.254.0.0/16", except: [])
        let cut = NetworkPolicy.Peer.addresses("169.254.0.0/16", except: ["169.254.7.0/24"])
        #expect(found([[Rule(peers: [local])]], probes: probes).isEmpty)
        #expect(found([[Rule(peers: [cut])]], probes: probes).count == 1)
    }
}
