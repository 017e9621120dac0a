import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate ztunnel-ready")
struct ZtunnelReadyTests {
    private func sample(
        on nodeNames: [String] = ["node-1", "node-2"],
        saying answer: Reading<Readiness> = .seen(.ready)
    ) -> ZtunnelReady.Sample {
        var state = mesh(namespace("shop"), deployment("shop/cart"))
        state.pods += agents("ztunnel", ["app": "ztunnel"], on: nodeNames)
        state.surroundings.nodes = nodes("node-1", "node-2")
        let answers = state.pods.filter { $0.meta.labels["app"] == "ztunnel" }
            .map { ($0.text, answer) }
        return .init(
            state: state.sorted,
            answers: ReadinessAnswers(Dictionary(uniqueKeysWithValues: answers)))
    }

    private func findings(_ sample: ZtunnelReady.Sample) -> [GateFinding] {
        ZtunnelReady(namespaces: ["shop"]).findings(in: sample)
    }

    @Test("a ztunnel that says ready on every node, all of one version, passes")
    func pass() {
        #expect(
            findings(sample()).lines == [
                "pass 2 nodes: ztunnel is ready there, everywhere of version 1.27.1"
            ])
    }

    @Test("a node with pods and without ztunnel, and a ztunnel that says it is not ready, fail")
    func fail() {
        #expect(
            findings(sample(on: ["node-2"])).first?.reason
                == "no ztunnel pod is there, and 2 pods concerned are")
        let said = findings(
            sample(saying: .seen(.notReady("500 not ready, pending: state manager"))))
        #expect(said.verdicts == [.fail] && said.count == 2)
        #expect(said[0].reason.contains("pending: state manager"))
        var unready = sample()
        unready.state = unready.state.editingPods {
            if $0.nodeName == "node-2" { $0.isReady = false }
        }
        #expect(findings(unready).first?.subject == "node node-2")
    }

    @Test("two versions fail, with how many nodes have each")
    func versions() throws {
        var mixed = sample()
        mixed.state = mixed.state.editingPods {
            if $0.nodeName == "node-2" { $0.containers[0].image = "x:1.28.0" }
        }
        let found = try #require(findings(mixed).first)
        #expect(found.verdict == .fail)
        #expect(found.reason == "there are several versions: 1.27.1 on 1 node, 1.28.0 on 1 node")
    }

    @Test("during a rollout one ready ztunnel of two serves the node")
    func surge() {
        var sample = sample()
        var second = sample.state.pods.first { $0.meta.labels["app"] == "ztunnel" }
        second?.meta.name = "ztunnel-new"
        second?.isReady = false
        sample.state.pods += [second].compactMap(\.self)
        #expect(findings(sample).letPass)
        #expect(ZtunnelReady(namespaces: ["shop"]).podsToAsk(in: sample.state).count == 2)
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: ZtunnelReady(namespaces: ["shop"]), from: sample(),
            without: [
                Missing("Nodes") { $0.state.surroundings.nodes = nil },
                Missing("ztunnels") { sample in
                    sample.state.pods.removeAll { $0.meta.labels["app"] == "ztunnel" }
                },
                Missing("answers") { $0.answers = ReadinessAnswers() },
                Missing("one answer") {
                    $0.answers.byPod["istio-system/ztunnel-node-2"] = .unseen(why: "a timeout")
                },
                Missing("images") { sample in
                    sample.state = sample.state.editingPods { $0.containers = [] }
                },
                Missing("status of pods") { sample in
                    sample.state = sample.state.editingPods { $0.isAssumedReady = true }
                },
            ])
        #expect(ZtunnelReady(namespaces: []).findings(in: sample()).verdicts == [.inconclusive])
    }

    @Test("a cluster of which nothing was seen does not pass")
    func nothing() {
        let empty = ZtunnelReady.Sample(state: MeshState(), answers: ReadinessAnswers())
        #expect(findings(empty).verdicts == [.inconclusive])
    }
}
