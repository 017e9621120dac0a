import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Which gates stand on the way back")
struct RollbackGatesTests {
    static let injected = mesh(
        namespace("shop", labels: ["istio-injection": "enabled"]),
        deployment("shop/web", labels: ["app": "web"], plane: .sidecar))
    static let ambient = mesh(
        namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
        deployment("shop/web", labels: ["app": "web"], plane: .ambient))

    /// The gates before the batch of the step that is written so, by name.
    private func gates(_ planned: PlannedRollback, _ line: String) throws -> [String] {
        let step = try #require(
            planned.rollout.steps.first { $0.line == line }, "\(planned.lines)")
        return planned.rollout.gates
            .filter { $0.round == GateRound(.before, batch: step.batch) }
            .map(\.question.gate.rawValue)
    }

    /// A run that opened what was tight, and the way back from it.
    private func backTo(
        _ mode: MTLSMode, on state: MeshState, plan: MeshPlan? = nil
    ) -> PlannedRollback {
        var state = state
        state.peerAuthentications = [policy("shop/default", mode)].flatMap(\.policies)
        let run = run(policyChange("shop/default", mode, .permissive), on: state)
        return RollbackPlanner.plan(
            undoing: run.run, rollbacks: [], on: run.state, plan: plan, options: .init())
    }

    @Test("relaxing waits for nothing")
    func relaxing() {
        let run = run(policyChange("shop/default", nil, .strict), on: Self.injected)
        let planned = undoing(run)
        #expect(planned.rollout.steps.map(\.phase) == [.relax])
        #expect(planned.rollout.gates == [])
        let relaxed = undoing(
            applied(plan(entry("shop", .ambient, mtls: .strict)), on: Self.injected))
        for check in relaxed.rollout.gates {
            #expect(
                relaxed.rollout.steps.allSatisfy {
                    $0.batch != check.round.batch || $0.phase != .relax
                })
        }
    }

    @Test("--policies-only has none at all")
    func policiesOnly() {
        let run = applied(plan(entry("shop", .ambient, mtls: .strict)), on: Self.injected)
        let planned = undoing(run, policiesOnly: true)
        #expect(!planned.rollout.steps.isEmpty && planned.rollout.gates == [])
    }

    @Test("what was STRICT before is tightened behind the gates that an apply would ask")
    func retightening() throws {
        let line = "retighten update PeerAuthentication shop/default STRICT"
        #expect(
            try gates(backTo(.strict, on: Self.injected), line) == [
                "control-plane-ready", "dns-ready", "enrolled", "workloads-ready", "no-plaintext",
                "flows-carried",
            ])
        #expect(
            try gates(backTo(.strict, on: Self.ambient), line) == [
                "control-plane-ready", "ztunnel-ready", "ztunnel-logs", "dns-ready", "enrolled",
                "workloads-ready", "no-plaintext", "flows-carried", "policy-15008",
            ])
    }

    @Test("who goes back to DISABLE takes plaintext as before, and is not asked about it")
    func disable() throws {
        #expect(
            try gates(
                backTo(.disable, on: Self.injected),
                "retighten update PeerAuthentication shop/default DISABLE") == [
                    "control-plane-ready", "dns-ready", "enrolled", "workloads-ready",
                    "flows-carried",
                ])
    }

    @Test("the settings are those of the plan that was applied; nothing is approved or watched")
    func settings() {
        let own = plan(entry("shop", mtls: .permissive)) {
            $0.gates.noPlaintext.window = .seconds(7)
            $0.gates.approvals = [
                GateSettings.Approval(name: "go", stage: .strict, wave: nil)
            ]
            $0.rollout.soak = [.strict: .seconds(900)]
        }
        let planned = backTo(.strict, on: Self.injected, plan: own)
        let windows = planned.rollout.gates.compactMap {
            if case .noPlaintext(let gate) = $0.question { gate.windowMilliseconds } else { nil }
        }
        #expect(windows == [7000])
        #expect(planned.rollout.soaks == [])
        #expect(planned.rollout.gates.allSatisfy { $0.question.gate != .approval })
        #expect(planned.rollout.gates.allSatisfy { $0.round.moment == .before })
    }

    @Test("sidecars come back where they can, and the ambient label goes once they are there")
    func sidecarsBack() throws {
        let planned = undoing(applied(plan(entry("shop", .ambient)), on: Self.injected))
        #expect(
            try gates(planned, "restore label Namespace shop istio-injection=enabled") == [
                "flows-carried"
            ])
        #expect(
            try gates(planned, "restore restart Deployment shop/web sidecar") == [
                "control-plane-ready", "dns-ready", "injectable", "flows-carried",
            ])
        #expect(
            try gates(planned, "restore label Namespace shop istio.io/dataplane-mode-") == [
                "enrolled", "workloads-ready", "flows-carried",
            ])
    }

    @Test("pods are enrolled again only where istio-cni and ztunnel are well")
    func ambientBack() throws {
        let planned = undoing(applied(plan(entry("shop", .sidecar)), on: Self.ambient))
        #expect(
            try gates(planned, "restore label Namespace shop istio.io/dataplane-mode=ambient") == [
                "control-plane-ready", "cni-ready", "ztunnel-ready", "ztunnel-logs", "dns-ready",
                "flows-carried", "policy-15008",
            ])
    }

    @Test(
        "leaving the mesh asks nothing of Istio", arguments: [DesiredDataplane.ambient, .sidecar])
    func leaving(_ plane: DesiredDataplane) {
        let outside = mesh(namespace("shop"), deployment("shop/web"))
        let planned = undoing(applied(plan(entry("shop", plane)), on: outside))
        #expect(!planned.rollout.steps.isEmpty)
        #expect(Set(planned.rollout.gates.map(\.question.gate)) == [.flowsCarried])
    }

    @Test("every batch after the relaxing is asked about its flows, by its own number")
    func flows() {
        for seed in 0..<200 {
            guard let run = RandomRun(seed: seed) else { continue }
            let rollout = undoing(run.model).rollout
            let asked = rollout.gates.compactMap { check -> Int? in
                guard case .flowsCarried(let gate) = check.question else { return nil }
                #expect(gate.batch == check.round.batch)
                return gate.batch
            }
            let late = rollout.batches.compactMap(\.first).filter { $0.phase != .relax }
            #expect(asked == late.map(\.batch))
        }
    }
}
