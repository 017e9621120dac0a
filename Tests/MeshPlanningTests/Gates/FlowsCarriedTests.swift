import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate flows-carried")
struct FlowsCarriedTests {
    private let web = TestSupport.flow("shop/deployment/web", "shop/service/cart:80")

    /// A step that makes cart STRICT, called by web.
    private func sample(
        web plane: PodDataplane, cart: PodDataplane = .sidecar, certainty: Flow.Certainty = .sure,
        accepted: Set<String> = []
    ) -> FlowsCarried.Sample {
        let state = mesh(
            namespace("shop", labels: sidecarLabels),
            deployment("shop/cart", labels: ["app": "cart"], plane: cart),
            deployment("shop/web", labels: ["app": "web"], plane: plane),
            service("shop/cart", ["app": "cart"], port: 80, to: 8080))
        let strict = mesh(policy("shop/default", .strict)).peerAuthentications[0]
        let step = Step(
            id: StepID(1), phase: .strict, batch: 4,
            change: .policy(
                PolicyChange(
                    namespace: "shop", name: "default", uid: "", before: nil,
                    after: PolicyImage(strict))))
        return .init(
            state: state,
            flows: [
                TestSupport.flow(
                    "shop/deployment/web", "shop/service/cart:80", certainty: certainty)
            ],
            steps: [step], accepted: accepted)
    }

    private func findings(_ sample: FlowsCarried.Sample) -> [GateFinding] {
        FlowsCarried(batch: 4).findings(in: sample)
    }

    @Test("a batch that breaks no required flow passes, and says how many it touches")
    func pass() {
        let found = findings(sample(web: .sidecar))
        #expect(found.lines == ["pass batch 4: breaks no required flow"])
        #expect(found[0].evidence == ["required flows that its steps touch: 1, of 1 flow known"])
    }

    @Test("a client that has lost its data plane since the plan was made fails the batch")
    func fail() throws {
        let only = try #require(findings(sample(web: .none)).first)
        #expect(only.verdict == .fail)
        #expect(only.reason == "\(web.text) would be refused")
        #expect(only.evidence.first?.contains("strict-refuses-plaintext") == true)
        #expect(only.evidence.first?.contains("--ignore-flow") == false)
    }

    @Test("on the way back the advice is to give the rollback again, which leaves the step out")
    func wayBack() throws {
        var sample = sample(web: .none)
        #expect(findings(sample).first?.command == "meshctl plan")
        sample.steps[0].phase = .retighten
        let only = try #require(findings(sample).first)
        #expect(only.verdict == .fail && only.command == "meshctl rollback")
        #expect(only.hint?.contains("--accept-breaking") == false)
    }

    @Test("a doubtful flow and an accepted one may break, and are told")
    func tolerated() {
        let doubtful = findings(sample(web: .none, certainty: .doubtful))
        #expect(doubtful.letPass && doubtful[0].evidence.last?.hasSuffix("not required") == true)
        let accepted = findings(sample(web: .none, accepted: [web.text]))
        #expect(accepted.letPass && accepted[0].evidence.last?.hasSuffix("accepted") == true)
    }

    @Test("a flow that cannot be judged any more is a doubt in its server's namespace")
    func unknown() {
        var sample = sample(web: .ambient, cart: .ambient)
        // On two nodes there is an API server, and what comes from the pod's own node is let past ztunnel.
        sample.state.pods += ["node-1", "node-2"].flatMap {
            pod(
                "kube-system/api-\($0)", labels: ["component": "kube-apiserver"], nodeName: $0,
                hostNetwork: true
            ).pods
        }
        sample.flows = [TestSupport.flow("apiserver", "shop/service/cart:80")]
        let found = findings(sample)
        #expect(found.verdicts == [.inconclusive] && found[0].namespace == "shop")
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: FlowsCarried(batch: 4), from: sample(web: .sidecar),
            without: [
                Missing("steps") { $0.steps = [] },
                Missing("Services") { $0.state.flows.unreadable = ["Service"] },
                Missing("routes") { $0.state.flows.unreadable.insert("HTTPRoute") },
            ])
    }
}
