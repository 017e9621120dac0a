import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate injectable")
struct InjectableTests {
    private let cart = WorkloadID(namespace: "shop", kind: .deployment, name: "cart")

    /// The namespace is about to get sidecars.
    private func rule(_ labels: [String: String?] = ["istio-injection": "enabled"]) -> Injectable {
        Injectable(workloads: [cart], labels: ["shop": labels])
    }

    private func state(_ labels: [String: String] = [:], pod: [String: String] = [:]) -> MeshState {
        mesh(
            namespace("shop", labels: labels), deployment("shop/cart", labels: pod),
            revisions: ["default", "1-27"])
    }

    private func sample(
        _ admission: Reading<Injectable.Admission> = .seen(.admitted(hasSidecar: true)),
        _ labels: [String: String] = [:]
    ) -> Injectable.Sample {
        .init(
            state: state(labels), admissions: [cart: admission], quotas: ["shop": .seen([])])
    }

    private func asking(
        _ rule: Injectable, _ state: MeshState
    ) -> Reading<[String: String]>? {
        state.workloads.first { $0.id == cart }.map { rule.labelsToAskWith(for: $0, in: state) }
    }

    @Test("a pod that is admitted with its sidecar passes")
    func pass() {
        #expect(
            rule().findings(in: sample()).lines == [
                "pass namespace shop: the API server admits new pods of 1 workload"
            ])
    }

    @Test("a label of the pod calls the injector that the namespace's coming label will call")
    func asksByPodLabel() {
        #expect(asking(rule(), state()) == .seen(["istio.io/rev": "default"]))
        #expect(asking(rule(), state(sidecarLabels)) == .seen([:]))
        #expect(asking(rule(["istio.io/rev": "1-27"]), state()) == .seen(["istio.io/rev": "1-27"]))
        let leaving = rule(["istio-injection": nil, "istio.io/dataplane-mode": "ambient"])
        #expect(
            asking(leaving, state(sidecarLabels)) == .seen(["sidecar.istio.io/inject": "false"]))
        #expect(asking(leaving, state()) == .seen([:]))
    }

    @Test("where a label of the namespace keeps the injector from being asked, that is a doubt")
    func cannotAsk() {
        let disabled = asking(rule(), state(["istio-injection": "disabled"]))
        #expect(disabled?.value == nil)
        let other = asking(
            rule(["istio.io/rev": "1-27", "istio-injection": nil]), state(sidecarLabels))
        #expect(other?.value == nil)
    }

    @Test("a refusal fails, in the server's words; so does a sidecar too few or too many")
    func fail() {
        let refused = rule().findings(in: sample(.seen(.refused("violates PodSecurity"))))
        #expect(refused.verdicts == [.fail])
        #expect(refused[0].reason == "the API server would refuse new pods: violates PodSecurity")
        #expect(
            rule().findings(in: sample(.seen(.admitted(hasSidecar: false)))).verdicts == [.fail])
        let ambient = rule(["istio.io/dataplane-mode": "ambient"])
        #expect(ambient.findings(in: sample()).verdicts == [.fail])
        #expect(ambient.findings(in: sample(.seen(.admitted(hasSidecar: false)))).letPass)
    }

    @Test("a revision without a webhook fails without being asked")
    func noWebhook() {
        let found = rule(["istio.io/rev": "canary"]).findings(in: sample(.unseen(why: "-")))
        #expect(found.verdicts == [.fail] && found[0].reason.contains("canary"))
    }

    @Test("a full quota is a doubt where old pods end before new ones start")
    func quota() {
        let words = Reading.seen(Injectable.Admission.refused("exceeded quota: q"))
        #expect(rule().findings(in: sample(words)).verdicts == [.fail])
        var recreating = sample(words)
        for index in recreating.state.workloads.indices {
            recreating.state.workloads[index].updateStrategy = "Recreate"
        }
        #expect(rule().findings(in: recreating).verdicts == [.inconclusive])
    }

    @Test("without a dry run, what is known of Pod Security and quotas is told, and nothing passes")
    func facts() {
        var sample = sample(
            .unseen(why: "it takes the verb create on pods"),
            ["pod-security.kubernetes.io/enforce": "baseline"])
        sample.quotas = ["shop": .seen(["ResourceQuota q: limits.cpu 3 of 4"])]
        let found = rule().findings(in: sample)
        #expect(found.verdicts == [.inconclusive] && found[0].namespace == "shop")
        #expect(found[0].evidence.first?.contains("enforces baseline") == true)
        #expect(found[0].evidence.last == "ResourceQuota q: limits.cpu 3 of 4")
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: rule(), from: sample(),
            without: [
                Missing("the workload") { $0.state.workloads = [] },
                Missing("the dry run") { $0.admissions = [:] },
                Missing("an answer") { sample in
                    for id in sample.admissions.keys {
                        sample.admissions[id] = .unseen(why: "a timeout")
                    }
                },
            ])
        #expect(
            Injectable(workloads: [], labels: [:]).findings(in: sample()).verdicts
                == [.inconclusive])
    }
}
