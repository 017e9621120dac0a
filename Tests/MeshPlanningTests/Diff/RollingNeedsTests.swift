import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Rolling enrolment into the ambient mesh")
struct RollingNeedsTests {
    private let ambient = "istio.io/dataplane-mode"

    private var plan: MeshPlan {
        var shop = entry("shop", .ambient)
        shop.enrolment = .rolling
        return TestSupport.plan(shop)
    }

    private func cluster(
        labels: [String: String] = [:], _ parts: MeshPart...
    ) -> MeshState {
        mesh([namespace("shop", labels: labels)] + parts)
    }

    @Test("workloads are rolled with the label on their template before the namespace is labelled")
    func rolls() throws {
        let state = cluster(
            deployment("shop/cart", labels: ["app": "cart"]),
            controller(.statefulSet, "shop/db", labels: ["app": "db"], replicas: 1))
        let result = planned(plan, on: state)
        #expect(
            result.batchLines == [
                [
                    "enroll restart Deployment shop/cart ambient",
                    "enroll restart StatefulSet shop/db ambient",
                ],
                ["enroll label Namespace shop istio.io/dataplane-mode=ambient"],
            ])
        guard case .restart(let restart)? = result.rollout.steps.first?.change else {
            return #expect(Bool(false))
        }
        #expect(
            restart.templateLabel
                == TemplateLabelChange(key: ambient, before: nil, after: "ambient"))
        #expect(result.marks(of: "enroll restart StatefulSet shop/db ambient") == [.disruptive])
        #expect(result.codes == [])
    }

    @Test("every pod is captured before the namespace has its label, and the plan is then empty")
    func captured() {
        let state = cluster(deployment("shop/cart", labels: ["app": "cart"]))
        let steps = planned(plan, on: state).rollout.steps
        let rolled = state.applying([steps[0].change])
        #expect(rolled.pods.map(\.dataplane) == [.ambient, .ambient])
        #expect(rolled.namespaces.first?.meta.labels == [:])
        #expect(planned(plan, on: rolled).lines == [steps[1].line])
        #expect(planned(plan, on: state.applying(steps.map(\.change))).lines == [])
    }

    @Test("pods that opted out, and those with a data plane, are not rolled")
    func others() {
        let state = cluster(
            deployment("shop/out", labels: [ambient: "none"]),
            deployment("shop/in", labels: [ambient: "ambient"], plane: .ambient))
        #expect(
            planned(plan, on: state).lines
                == ["enroll label Namespace shop istio.io/dataplane-mode=ambient"])
    }

    @Test("from sidecars the restart that takes them away is the rolling, as without the key")
    func fromSidecars() {
        let state = cluster(
            labels: ["istio-injection": "enabled"],
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar))
        var plain = plan
        plain.namespaces[0].enrolment = nil
        #expect(planned(plan, on: state).lines == planned(plain, on: state).lines)
    }

    @Test("what cannot be rolled is named: its connections will be cut")
    func cannotRoll() {
        let state = cluster(
            pod("shop/bare"), controller(.job, "shop/once"),
            deployment("shop/cart", labels: ["app": "cart"]))
        let result = planned(plan, on: state)
        #expect(
            result.codes == [.restartByPerson, .restartByPerson, .captureCutsConnections])
        let said = result.diagnostics.map(\.message).joined()
        #expect(said.contains("pod shop/bare") && said.contains("shop/Job/once"))
        #expect(!result.isBlocked)
    }

    @Test("pods that would get a sidecar when rolled now are captured as they are, which is said")
    func wouldBeInjected() {
        let state = cluster(
            labels: ["istio-injection": "enabled"], deployment("shop/old", labels: ["app": "old"]))
        let result = planned(plan, on: state)
        #expect(result.codes == [.restartByPerson, .captureCutsConnections])
        #expect(!result.lines.contains { $0.contains("restart") })
    }

    @Test("a paused Deployment blocks, with the command to resume it")
    func paused() {
        let state = cluster(deployment("shop/cart", labels: ["app": "cart"], isPaused: true))
        let result = planned(plan, on: state)
        #expect(result.isBlocked)
        #expect(result.diagnostics.first?.remedy?.contains("rollout resume") == true)
    }

    // MARK: - The way back

    @Test("back, the namespace's label goes first and cuts nothing, then the templates' do")
    func back() throws {
        let before = cluster(deployment("shop/cart", labels: ["app": "cart"]))
        let run = applied(plan, on: before)
        let back = undoing(run)
        #expect(
            back.lines == [
                "restore label Namespace shop istio.io/dataplane-mode-",
                "restore restart Deployment shop/cart none",
            ])
        let unlabelled = run.state.applying([back.rollout.steps[0].change])
        #expect(unlabelled.pods.map(\.dataplane) == [.ambient, .ambient])
        #expect(run.state.applying(back) == before)
        #expect(back.rollout.steps[1].rests(on: back.rollout.steps[0]))
    }

    @Test("a run that stopped before the namespace's label takes the templates' back")
    func backFromHalf() {
        let before = cluster(deployment("shop/cart", labels: ["app": "cart"]))
        let run = ModelRun(planned(plan, on: before).rollout, on: before) {
            $0.id.number == 1 ? .written : .pending
        }
        let back = undoing(run)
        #expect(back.lines == ["restore restart Deployment shop/cart none"])
        #expect(run.state.applying(back) == before)
        let again = ModelRun(back.rollout, on: run.state, undoing: run.run.header.id)
        #expect(undoing(run, after: [again], on: again.state).lines == [])
    }

    @Test("a template's label that somebody changed since is a conflict, and stays")
    func conflict() throws {
        let run = applied(plan, on: cluster(deployment("shop/cart", labels: ["app": "cart"])))
        var state = run.state
        let index = try #require(state.workloads.firstIndex { $0.kind == .deployment })
        state.workloads[index].template.labels[ambient] = "none"
        let back = undoing(run, on: state)
        #expect(back.conflicts.map(\.object.text) == ["Deployment shop/cart"])
        #expect(back.conflicts.first?.ours == ["istio.io/dataplane-mode": "ambient"])
        #expect(!back.lines.contains { $0.contains("restart") })
        #expect(undoing(run, on: state, overwrite: true).lines.contains { $0.contains("restart") })
    }

    @Test("a template label that somebody set in between stops the step before its write")
    func standing() throws {
        let state = cluster(deployment("shop/cart", labels: ["app": "cart"]))
        let change = try #require(planned(plan, on: state).rollout.steps.first?.change)
        func standing(_ labels: [String: String]) -> Standing {
            change.standing(
                of: CurrentObject(
                    content: .workload(restartedAt: nil, templateLabels: labels),
                    uid: "Deployment-shop/cart"))
        }
        #expect(standing([:]) == .asBefore)
        #expect(standing([ambient: "ambient"]) == .asBefore)
        guard case .moved(let detail) = standing([ambient: "none"]) else {
            return #expect(Bool(false))
        }
        #expect(detail.contains("istio.io/dataplane-mode=none"))
    }
}
