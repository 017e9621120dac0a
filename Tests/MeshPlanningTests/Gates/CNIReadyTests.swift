import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate cni-ready")
struct CNIReadyTests {
    private func state(on nodeNames: [String] = ["node-1", "node-2"]) -> MeshState {
        var state = mesh(namespace("shop"), deployment("shop/cart"))
        state.pods += agents("istio-cni-node", ["k8s-app": "istio-cni-node"], on: nodeNames)
        state.surroundings.nodes = nodes("node-1", "node-2")
        state.surroundings.cni = CNISettings(excludeNamespaces: ["kube-system"])
        return state.sorted
    }

    private func findings(_ state: MeshState, _ namespace: String = "shop") -> [GateFinding] {
        CNIReady(namespaces: [namespace]).findings(in: state)
    }

    @Test("an agent that is ready on every node, and leaves the namespace in, passes")
    func pass() {
        let found = findings(state())
        #expect(
            found.lines == [
                "pass namespace shop: istio-cni enrols its pods",
                "pass 2 nodes: istio-cni-node is ready there",
            ])
    }

    @Test("a node where pods run and the agent is missing or not ready fails")
    func fail() {
        let missing = findings(state(on: ["node-2"]))
        #expect(missing.first?.verdict == .fail && missing.first?.subject == "node node-1")
        let unready = findings(
            state().editingPods { if $0.nodeName == "node-2" { $0.isReady = false } })
        #expect(unready.first?.verdict == .fail && unready.first?.subject == "node node-2")
    }

    @Test("whether pods may run on another node without an agent is not known, and can be accepted")
    func unserved() throws {
        let doubt = try #require(
            findings(state(on: ["node-1"])).first { $0.verdict == .inconclusive })
        #expect(doubt.namespace == "shop" && doubt.reason.contains("node-2"))
        #expect(doubt.reason.contains("taints"))
    }

    @Test("a namespace that istio-cni leaves out, or does not select, fails")
    func excluded() {
        var state = state()
        state.surroundings.cni?.excludeNamespaces = ["shop"]
        #expect(findings(state).contains { $0.verdict == .fail && $0.namespace == "shop" })
        state.surroundings.cni = CNISettings(
            excludeNamespaces: [],
            enablementSelectors: [
                EnablementSelector(pods: PodSelector(matchLabels: ["mesh": "yes"]))
            ])
        let found = findings(state).first { $0.verdict == .fail }
        #expect(found?.reason.contains("selectors") == true)
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: CNIReady(namespaces: ["shop"]), from: state(),
            without: [
                Missing("Nodes") { $0.surroundings.nodes = nil },
                Missing("settings") { $0.surroundings.cni = nil },
                Missing("exclusions") { $0.surroundings.cni?.excludeNamespaces = nil },
                Missing("agents") { state in
                    state.pods.removeAll { $0.meta.labels["k8s-app"] == "istio-cni-node" }
                },
                .status(ofPods: "k8s-app", "istio-cni-node"),
            ])
        #expect(CNIReady(namespaces: []).findings(in: state()).verdicts == [.inconclusive])
    }
}
