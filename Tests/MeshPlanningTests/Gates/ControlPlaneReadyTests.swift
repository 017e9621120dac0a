import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate control-plane-ready")
struct ControlPlaneReadyTests {
    /// istiod of two revisions, a tag that stands for the newer one, and what their pods say.
    private func sample(
        _ answer: Reading<Readiness> = .seen(.ready), isAvailable: Bool = true
    ) -> ControlPlaneReady.Sample {
        var state = mesh(
            deployment("istio-system/istiod-1-26", labels: ["app": "istiod"]),
            deployment("istio-system/istiod-1-27", labels: ["app": "istiod"]),
            revisions: ["1-26", "1-27", "prod"])
        state.surroundings.controlPlanes = ["1-26", "1-27"].map {
            ControlPlane(
                meta: ObjectMeta(name: "istiod-\($0)", namespace: "istio-system"), revision: $0,
                version: "1.27.1", isAvailable: isAvailable)
        }
        state.injectors.webhooks = [("1-26", "1-26"), ("1-27", "1-27"), ("prod", "1-27")].map {
            InjectorWebhooks(name: $0, served: $0, revision: $1, webhooks: [])
        }
        let answers = state.pods.map { ($0.text, answer) }
        return .init(
            state: state, answers: ReadinessAnswers(Dictionary(uniqueKeysWithValues: answers)))
    }

    private func findings(_ revisions: String..., in sample: ControlPlaneReady.Sample)
        -> [GateFinding]
    {
        ControlPlaneReady(revisions: revisions).findings(in: sample)
    }

    @Test("istiod of the revision that is available and answers passes, and says which pod did")
    func pass() throws {
        let only = try #require(findings("1-27", in: sample()).first)
        #expect(only.verdict == .pass)
        #expect(
            only.evidence == [
                "pod istio-system/istiod-1-27-0 of Deployment istio-system/istiod-1-27 (1.27.1) "
                    + "answered /ready"
            ])
    }

    @Test("a tag stands for the revision that its webhook calls, and for no other")
    func tag() {
        var sample = sample()
        sample.state.surroundings.controlPlanes?[0].isAvailable = false
        #expect(findings("prod", in: sample).letPass)
        #expect(findings("1-26", in: sample).verdicts == [.fail])
        #expect(
            ControlPlaneReady(revisions: ["prod"]).podsToAsk(in: sample.state).map(\.meta.name)
                == ["istiod-1-27-0", "istiod-1-27-1"])
    }

    @Test("no istiod of the revision, none available, and none that answers ready fail")
    func fail() {
        #expect(findings("canary", in: sample()).verdicts == [.fail])
        #expect(findings("1-27", in: sample(isAvailable: false)).verdicts == [.fail])
        let refused = findings("1-27", in: sample(.seen(.notReady("503"))))
        #expect(refused.verdicts == [.fail] && refused[0].reason.contains("503"))
    }

    @Test("one pod that answers is enough, and one that could not be asked is no proof against it")
    func onePod() {
        var sample = sample(.unseen(why: "it takes the verb get on pods/proxy"))
        let doubt = findings("1-27", in: sample)
        #expect(doubt.verdicts == [.inconclusive] && doubt[0].reason.contains("pods/proxy"))
        #expect(doubt[0].namespace == "istio-system")
        sample.answers.byPod["istio-system/istiod-1-27-1"] = .seen(.ready)
        #expect(findings("1-27", in: sample).letPass)
    }

    @Test("a revision is not known to be missing while tags are not known")
    func unknownTags() {
        var sample = sample()
        sample.state.revisions = nil
        sample.state.injectors.webhooks = []
        #expect(findings("prod", in: sample).verdicts == [.inconclusive])
        #expect(findings("1-27", in: sample).letPass)
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: ControlPlaneReady(revisions: ["1-27", "prod"]), from: sample(),
            without: [
                Missing("Deployments") { $0.state.surroundings.controlPlanes = nil },
                Missing("webhooks") {
                    $0.state.revisions = nil
                    $0.state.injectors.webhooks = []
                },
                Missing("answers") { $0.answers = ReadinessAnswers() },
                Missing("pods") { $0.state.pods = [] },
                Missing("status of pods") { sample in
                    sample.state = sample.state.editingPods { $0.isAssumedReady = true }
                },
            ])
        #expect(findings(in: sample()).verdicts == [.inconclusive])
    }
}
