import Diagnostics
import JSON
import MeshModel
import Testing

@testable import MeshPlanning
@testable import Reporting

@Suite("The report of a rollback")
struct RollbackReportTests {
    private let target = RunHeader(
        id: RunID("20261121-012739-4f2a"), kind: .apply, plan: plan, clusterUID: "c1",
        server: server, stage: .strict)

    private func rollout() -> Rollout {
        let changes: [(Phase, Int, Change)] = [
            (
                .relax, 1,
                policyChange("media/default", from: image(.strict), to: image(.permissive))
            ),
            (
                .restore, 2,
                labelChange(
                    "resilient-platform", from: ["istio-injection": "enabled"],
                    to: ["istio-injection": nil])
            ),
            (.restore, 3, restart("resilient-platform", "backend", wants: .none)),
            (
                .remove, 4,
                policyChange(
                    "resilient-platform/meshctl-frontend", from: image(.permissive), to: nil)
            ),
            (
                .retighten, 5,
                policyChange(
                    "media/default", from: image(.permissive), to: image(.strict, labels: [:]))
            ),
        ]
        let gates: [GateCheck] = [
            GateCheck(
                GateRound(.before, batch: 3), .injectable(Injectable(workloads: [], labels: [:]))),
            GateCheck(GateRound(.before, batch: 3), .flowsCarried(FlowsCarried(batch: 3))),
            GateCheck(
                GateRound(.before, batch: 5),
                .enrolled(Enrolled(namespaces: ["media"]))),
        ]
        return Rollout(
            steps: changes.enumerated().map { index, step in
                Step(
                    id: StepID(index + 1), phase: step.0, batch: step.1,
                    settles: step.0 == .relax, change: step.2)
            }, gates: gates)
    }

    private var conflicts: [RollbackConflict] {
        [
            RollbackConflict(
                object: ObjectReference(
                    kind: "PeerAuthentication", namespace: "media", name: "default"),
                before: image(.permissive).spec,
                ours: image(.strict, ports: [80: .permissive]).spec,
                now: image(.disable, ports: [80: .permissive], selector: ["app": "x"]).spec),
            RollbackConflict(
                object: ObjectReference(kind: "Namespace", namespace: "", name: "media"),
                before: ["istio-injection": .null], ours: ["istio-injection": "enabled"],
                now: ["istio-injection": "disabled"]),
            RollbackConflict(
                object: ObjectReference(
                    kind: "PeerAuthentication", namespace: "shop", name: "default"),
                before: .null, ours: image(.strict).spec, now: image(.unset).spec),
        ]
    }

    private var full: RollbackReport {
        RollbackReport(
            PlannedRollback(
                rollout: rollout(), conflicts: conflicts,
                diagnostics: [Diagnostic(.leftOver, .note, "namespace batch is gone")]),
            undoing: target, plan: plan, server: server)
    }

    private var empty: PlannedRollback {
        PlannedRollback(rollout: Rollout(), conflicts: [], diagnostics: [])
    }

    @Test("steps stand under their phases, and conflicts in three columns")
    func text() throws { try expectGolden(full.rendered(as: .text), "rollback.txt") }

    @Test("the JSON names phases, and what each of the three images says")
    func json() throws { try expectGolden(full.rendered(as: .json), "rollback.json") }

    @Test("nothing to roll back is said in every format")
    func nothing() throws {
        let report = RollbackReport(empty, undoing: nil, plan: plan, server: server)
        try expectGolden(report.rendered(as: .text), "rollback-empty.txt")
        #expect(report.json["steps"] == [])
        #expect(report.json["run"] == .null)
        #expect(report.rendered(as: .markdown).contains("Nothing to roll back."))
    }

    @Test("how far it goes is in the header")
    func extent() {
        let toStage = RollbackReport(
            empty, undoing: target, plan: plan, server: server, toStage: .permissive)
        #expect(toStage.rendered(as: .text).contains("4f2a, to the end of stage permissive\n"))
        #expect(toStage.json["toStage"] == "permissive")
        let relaxing = RollbackReport(
            empty, undoing: target, plan: plan, server: server, policiesOnly: true)
        #expect(relaxing.rendered(as: .text).contains("4f2a, policies only\n"))
    }

    @Test("an emergency says what it is about, of no run and no plan")
    func emergency() {
        func report(policiesOnly: Bool, _ planned: PlannedRollback) -> RollbackReport {
            RollbackReport(
                planned, undoing: nil, plan: "", server: server, policiesOnly: policiesOnly,
                isEmergency: true)
        }
        let some = report(policiesOnly: true, PlannedRollback(rollout: rollout()))
        let text = some.rendered(as: .text)
        #expect(text.contains("Emergency  relax what meshctl made STRICT\n"))
        #expect(!text.contains("Rollback of") && !text.contains("Plan "))
        #expect(some.summaryLine.hasPrefix("Emergency: "))
        #expect(some.json["emergency"] == true && some.json["run"] == .null)
        #expect(full.json["emergency"] == false)
        let none = [true, false].map { report(policiesOnly: $0, empty).summaryLine }
        #expect(
            none == [
                "Nothing that meshctl made is STRICT.",
                "meshctl put the ambient label on no namespace.",
            ])
    }

    @Test("objects left alone are counted even where nothing else is to do")
    func onlyConflicts() {
        let report = RollbackReport(
            PlannedRollback(rollout: Rollout(), conflicts: conflicts, diagnostics: []),
            undoing: target, plan: plan, server: server)
        #expect(report.summaryLine == "Nothing to roll back. 3 objects left alone.")
    }
}
