import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollback")
struct RollbackPlannerTests {
    static let shop = mesh(namespace("shop"), deployment("shop/web", plane: .sidecar))

    static func stages(on state: MeshState) -> Rollout {
        planned(plan(entry("shop", .sidecar, mtls: .strict)), on: state).rollout
    }

    @Test(
        "undoes a step in doubt if it was done, and passes over it if not",
        arguments: [true, false])
    func inDoubt(isWritten: Bool) {
        let run = run(policyChange("shop/default", nil, .strict), on: Self.shop) { _ in
            .inDoubt(isWritten: isWritten)
        }
        let planned = undoing(run)
        #expect(planned.conflicts == [])
        #expect(
            planned.lines == (isWritten ? ["relax delete PeerAuthentication shop/default"] : []))
    }

    @Test("takes an object in doubt for neither where it is a third thing")
    func inDoubtMoved() {
        let run = run(policyChange("shop/default", .permissive, .strict), on: Self.shop) { _ in
            .inDoubt(isWritten: false)
        }
        let state = Self.shop.applying([policyChange("shop/default", nil, .disable)])
        #expect(undoing(run, on: state).conflicts.count == 1)
    }

    @Test("undoes what was written and never confirmed")
    func unconfirmed() {
        let run = run(policyChange("shop/default", nil, .strict), on: Self.shop) { _ in .written }
        #expect(undoing(run).lines == ["relax delete PeerAuthentication shop/default"])
    }

    @Test("undoes the part of a run that was done, from the first image to the last")
    func partial() {
        let run = run(
            policyChange("shop/default", nil, .permissive),
            policyChange("shop/default", .permissive, .strict),
            policyChange("shop/other", nil, .strict), on: Self.shop
        ) { $0.id.number < 3 ? .done : .pending }
        #expect(undoing(run).lines == ["relax delete PeerAuthentication shop/default"])
    }

    @Test("leaves what the run found done, and goes back to that")
    func foundDone() {
        let run = run(
            policyChange("shop/default", nil, .permissive),
            policyChange("shop/default", .permissive, .strict), on: Self.shop
        ) { $0.id.number == 1 ? .foundDone : .done }
        #expect(
            undoing(run).lines == ["relax update PeerAuthentication shop/default PERMISSIVE"])
    }

    @Test("takes what somebody did in the run's place, after a step of its own, for somebody's")
    func foundDoneLater() {
        let run = run(
            policyChange("shop/default", nil, .permissive),
            policyChange("shop/default", .permissive, .strict), on: Self.shop
        ) { $0.id.number == 2 ? .foundDone : .done }
        #expect(undoing(run).conflicts.count == 1)
    }

    @Test("leaves a namespace whose labels were there before the run")
    func foundLabels() {
        let run = ModelRun(Self.stages(on: Self.shop), on: Self.shop) {
            $0.change.action == .label ? .foundDone : .done
        }
        #expect(!undoing(run).lines.contains { $0.contains("Namespace") })
    }

    @Test("of a refused step does nothing")
    func refused() {
        let run = run(policyChange("shop/default", nil, .strict), on: Self.shop) { _ in .refused }
        #expect(undoing(run).lines == [])
    }

    @Test("to a stage undoes only what came after it")
    func toStage() {
        let run = ModelRun(Self.stages(on: Self.shop), on: Self.shop)
        #expect(
            run.run.rollout.steps.map(\.line) == [
                "enroll label Namespace shop istio-injection=enabled",
                "permissive create PeerAuthentication shop/default PERMISSIVE",
                "strict update PeerAuthentication shop/default STRICT",
            ])
        let toPermissive = undoing(run, toStage: .permissive)
        #expect(
            toPermissive.lines == ["relax update PeerAuthentication shop/default PERMISSIVE"])
        let toEnroll = undoing(run, toStage: .enroll)
        #expect(toEnroll.lines == ["relax delete PeerAuthentication shop/default"])
        #expect(undoing(run, toStage: .strict).lines == [])
    }

    @Test("after one to a stage undoes the rest")
    func afterToStage() {
        let run = ModelRun(Self.stages(on: Self.shop), on: Self.shop)
        let first = ModelRun(
            undoing(run, toStage: .permissive).rollout, on: run.state, id: "back-1",
            undoing: run.run.header.id, toStage: .permissive)
        let second = undoing(run, after: [first], on: first.state)
        #expect(second.conflicts == [])
        #expect(first.state.applying(second).images == [:])
    }

    @Test("after one that only relaxed takes its images for ours")
    func afterPoliciesOnly() {
        let state = mesh(
            [MeshPart].of(Self.shop) + [
                policy("shop/default", .disable, labels: madeBy(plan: "home"))
            ])
        let run = run(policyChange("shop/default", .disable, .strict), on: state)
        let first = ModelRun(
            undoing(run, policiesOnly: true).rollout, on: run.state, id: "back-1",
            undoing: run.run.header.id, policiesOnly: true)
        #expect(
            first.run.rollout.steps.map(\.line) == [
                "relax update PeerAuthentication shop/default PERMISSIVE"
            ])
        #expect(
            undoing(run, after: [first], on: first.state).lines
                == ["retighten update PeerAuthentication shop/default DISABLE"])
        // Without the first rollback's journal it would be somebody else's.
        #expect(undoing(run, on: first.state).conflicts.count == 1)
    }

    @Test("keeps the run's settings, and waits for propagation after policies alone")
    func settings() {
        var rollout = Self.stages(on: Self.shop)
        rollout.settings = RunSettings(settle: .seconds(7), confirm: .seconds(8))
        let planned = undoing(ModelRun(rollout, on: Self.shop))
        #expect(planned.rollout.settings == rollout.settings)
        #expect(
            planned.rollout.steps.map(\.settles) == planned.rollout.steps.map(\.change.isPolicy))
    }

    @Test("is the same however the cluster's lists are ordered", arguments: 0..<40)
    func deterministic(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        var shuffled = run.model.state
        shuffled.namespaces.reverse()
        shuffled.workloads.reverse()
        shuffled.pods.reverse()
        shuffled.peerAuthentications.reverse()
        #expect(undoing(run.model, on: shuffled) == undoing(run.model))
    }
}
