import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

/// The simulation holds every run to this: nothing begins before its gates let it pass.
@Suite("A run and its gates")
struct RunGatesTests {
    static let before = GateRound(.before, batch: 2)
    static let after = GateRound(.after, batch: 2)

    static let query = PrometheusQuery(
        name: "errors", query: "up",
        server: PrometheusServer(namespace: "istio-system", service: "prometheus"))

    /// Two batches of two steps; the second has gates before and after it, and a soak.
    static var gated: Rollout {
        var rollout = rollout([
            [policyChange("shop/a", nil, .permissive), policyChange("shop/b", nil, .permissive)],
            [policyChange("shop/c", nil, .strict), policyChange("shop/d", nil, .strict)],
        ])
        rollout.gates = [
            GateCheck(before, .enrolled(Enrolled(namespaces: ["shop"]))),
            GateCheck(after, .prometheus(query)),
        ]
        rollout.soaks = [Soak(batch: 2, phase: .permissive, wave: nil, milliseconds: 60_000)]
        return rollout
    }

    func simulation() -> RunSimulation { RunSimulation(Self.gated, on: cluster(for: Self.gated)) }

    @Test("gates stand before a batch and after it, and the soak comes last")
    func order() throws {
        var run = simulation()
        #expect(run.runProcess() == .finished(.done))
        #expect(run.asked == [Self.before, Self.after])
        let kinds = run.journal.map(\.kind).filter { !$0.hasPrefix("step-") }
        #expect(
            kinds == [
                "started", "settled", "gates-asked", "settled", "gates-asked", "soak-started",
                "soaked", "finished",
            ])
    }

    @Test(
        "a gate that does not pass stops the run before the step, and the same command goes on",
        arguments: [GateFinding.Verdict.fail, .inconclusive])
    func closed(_ verdict: GateFinding.Verdict) {
        var run = simulation()
        run.gates[Self.before] = [verdict, verdict]
        #expect(run.runProcess() == .stopped(.gate(Self.before)))
        #expect(run.cluster.effects.count == 2)
        #expect(run.runProcess() == .stopped(.gate(Self.before)))
        #expect(run.cluster.effects.count == 2)
        #expect(run.runProcess() == .finished(.done))
        #expect(run.cluster.effects.count == 4)
    }

    @Test("a doubt that the plan file answers for lets the run pass, a failure never")
    func accepted() {
        let doubt = GateSettings.AcceptedDoubt(
            gate: .enrolled, namespace: "shop", reason: "r", owner: "o",
            expires: CalendarDate("2027-01-31")!)
        let today = CalendarDate("2027-01-31")!
        func found(_ verdict: GateFinding.Verdict, on day: CalendarDate = today) -> Bool {
            [GateFinding(.enrolled, verdict, about: "namespace shop", in: "shop", "why")]
                .accepting([doubt], on: day).letPass
        }
        #expect(found(.inconclusive))
        #expect(!found(.inconclusive, on: CalendarDate("2027-02-01")!))
        #expect(!found(.fail))
        #expect(![GateFinding]().letPass)
    }

    @Test("a gate afterwards that does not pass stops the run, and is asked again when it goes on")
    func closedAfterwards() {
        var run = simulation()
        run.gates[Self.after] = [.fail]
        #expect(run.runProcess() == .stopped(.gate(Self.after)))
        #expect(run.cluster.effects.count == 4)
        #expect(run.runProcess() == .finished(.done))
        #expect(run.asked == [Self.before, Self.after, Self.after])
    }

    @Test("a soak that is too long to wait for stops the run; its beginning is kept")
    func longSoak() {
        var run = simulation()
        run.longSoaks = [2]
        #expect(run.runProcess() == .stopped(.soaking(until: 65_000)))
        #expect(run.runProcess() == .finished(.done))
        #expect(run.journal.count { $0.kind == "soak-started" } == 1)
    }

    @Test("who asks for a stop does not wait for gates or soaks", arguments: 0..<40)
    func stopped(_ after: Int) {
        var run = simulation()
        run.stopAfter = after
        let first = run.runProcess()
        #expect(first == .stopped(.interrupted) || first == .finished(.done))
        #expect(run.runToTheEnd() == .finished(.done))
        #expect(run.cluster.effects.count == 4)
    }

    @Test("death at any event is survived, and no gate is passed by", arguments: 1..<24)
    func death(_ after: Int) {
        var run = simulation()
        run.dieAfter = after
        run.gates[Self.before] = [.fail]
        #expect(run.runToTheEnd() == .finished(.done))
        #expect(run.cluster.effects.count == 4)
    }

    @Test("a write that was sent before the gates closed is looked after all the same")
    func inDoubt() {
        var run = simulation()
        // The process dies with the intents of the second batch journaled.
        run.dieAfter = 12
        run.runProcess()
        let begun = run.state?.steps.values.contains {
            if case .inDoubt = $0 { true } else { false }
        }
        #expect(begun == true)
        #expect(run.runToTheEnd() == .finished(.done))
    }

    @Test("what has to succeed before a batch is not asked again once a part of it is done")
    func proved() {
        var rollout = Self.gated
        rollout.settings.writesAtOnce = 1
        let probe = GateCheck(
            Self.before,
            .probe(
                ProbeRequest(
                    namespace: "shop", image: "curl", serviceAccount: "default", url: "http://a",
                    expects: .successBeforeRefusal, timeoutMilliseconds: 1)))
        rollout.gates.insert(probe, at: 0)
        var timesLeftOut = 0
        for after in 1..<30 {
            var run = RunSimulation(rollout, on: cluster(for: rollout))
            run.dieAfter = after
            #expect(run.runToTheEnd() == .finished(.done))
            let asks = run.asks.filter { $0.checks.first?.round == Self.before }
            #expect(asks.first?.checks.contains(probe) == true)
            for ask in asks where ask.checks.contains(probe) { #expect(ask.effects == 2) }
            timesLeftOut += asks.count { !$0.checks.contains(probe) }
        }
        #expect(timesLeftOut > 0)
    }

    // MARK: - On the way back

    static let beforeRestoring = GateRound(.before, batch: 2)
    static let beforeTightening = GateRound(.before, batch: 4)

    /// Relax, two namespaces, re-tighten; gates before the first namespace and before the end.
    static var wayBack: Rollout {
        var rollout = rollout([
            [policyChange("shop/a", .strict, .permissive)],
            [labelChange("shop", ["istio-injection": "enabled"], ["istio-injection": nil])],
            [labelChange("other", ["istio-injection": "enabled"], ["istio-injection": nil])],
            [policyChange("shop/b", .permissive, .strict)],
        ])
        for index in rollout.steps.indices {
            rollout.steps[index].phase = [.relax, .restore, .restore, .retighten][index]
        }
        rollout.gates = [beforeRestoring, beforeTightening].map {
            GateCheck($0, .enrolled(Enrolled(namespaces: ["shop"])))
        }
        return rollout
    }

    func back() -> RunSimulation {
        var run = RunSimulation(Self.wayBack, on: cluster(for: Self.wayBack))
        run.policy = .goOn
        return run
    }

    func done(_ run: RunSimulation) -> [Int] {
        Self.wayBack.steps.map(\.id).filter { run.state?.isDone($0) == true }.map(\.number)
    }

    @Test(
        "a rollback leaves what stands behind a closed gate, and what rests on it, and does the rest",
        arguments: [GateFinding.Verdict.fail, .inconclusive])
    func leftBehind(_ verdict: GateFinding.Verdict) {
        var run = back()
        run.gates[Self.beforeRestoring] = [verdict]
        #expect(run.runProcess() == .finished(.incomplete))
        #expect(done(run) == [1, 3])
        // What tightens rests on it: there is no need to ask.
        #expect(run.asked == [Self.beforeRestoring])

        var late = back()
        late.gates[Self.beforeTightening] = [verdict]
        #expect(late.runProcess() == .finished(.incomplete))
        #expect(done(late) == [1, 2, 3])

        var open = back()
        #expect(open.runProcess() == .finished(.done))
        #expect(done(open) == [1, 2, 3, 4])
    }

    @Test("death on the way back is survived, and gates are asked anew", arguments: 1..<30)
    func deathOnTheWayBack(_ after: Int) {
        var run = back()
        run.dieAfter = after
        run.gates[Self.beforeRestoring] = [.pass, .fail]
        run.gates[Self.beforeTightening] = Array(repeating: .fail, count: 5)
        #expect(run.runToTheEnd() == .finished(.incomplete))
        #expect(Set(done(run)).isSuperset(of: [1, 3]) && !done(run).contains(4))
    }
}
