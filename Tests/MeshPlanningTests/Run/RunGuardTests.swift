import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("A run and its guard")
struct RunGuardTests {
    /// Three batches of one step; the second and the third are guarded, and the third ends the wave.
    static var guarded: Rollout {
        var rollout = rollout([
            [policyChange("shop/a", nil, .permissive)],
            [policyChange("shop/c", nil, .strict)],
            [policyChange("shop/d", nil, .strict)],
        ])
        rollout.guards = [2, 3].map {
            TrafficGuard(
                batch: $0, targets: [.init(workload: "shop/Deployment/\($0)", required: ["x"])])
        }
        rollout.soaks = [Soak(batch: 3, phase: .strict, wave: nil, milliseconds: 60_000)]
        return rollout
    }

    func simulation(_ rollout: Rollout = Self.guarded) -> RunSimulation {
        RunSimulation(rollout, on: cluster(for: rollout))
    }

    static let trip = GuardReport(
        batch: 2, refusals: [.init(from: "x", to: "shop/Deployment/2", count: 5)], trips: true)

    @Test("the guard looks before a guarded batch and after it, for all of the wave so far")
    func order() {
        var run = simulation()
        #expect(run.runProcess() == .finished(.done))
        let kinds = run.journal.map(\.kind).filter { !$0.hasPrefix("step-") }
        #expect(
            kinds == [
                "started", "settled", "guard-started", "settled", "guard-reported",
                "guard-started", "settled", "guard-reported", "soak-started", "soaked", "finished",
            ])
        #expect(run.guarded == [[2], [2, 3]])
    }

    @Test(
        "required traffic that is refused stops the run before the next batch",
        arguments: [RunSimulation.GuardMoment.settling, .afterBatch])
    func trips(_ moment: RunSimulation.GuardMoment) {
        var run = simulation()
        run.guardMoment = moment
        run.guardLooks = [Self.trip]
        #expect(run.runProcess() == .stopped(.guardTripped(batch: 2)))
        #expect(run.cluster.effects.count == 2)
        #expect(run.state?.guardReport == Self.trip)
        #expect(run.runProcess() == .finished(.done))
        #expect(run.cluster.effects.count == 3)
    }

    @Test("refusals that begin while the wave is watched stop the run")
    func tripsInSoak() {
        var run = simulation()
        run.guardMoment = .soak
        run.guardLooks = [Self.trip]
        #expect(run.runProcess() == .stopped(.guardTripped(batch: 2)))
        #expect(run.journal.contains { $0.kind == "soak-started" })
        #expect(!run.journal.contains { $0.kind == "soaked" })
    }

    @Test("a report without required traffic lets the run go on, and is kept")
    func quiet() {
        var run = simulation()
        let listed = GuardReport(
            batch: 2,
            refusals: [.init(from: "scanner", to: "shop/Deployment/2", count: 9, excuse: "unknown")]
        )
        run.guardLooks = [listed]
        #expect(run.runProcess() == .finished(.done))
        #expect(run.journal.contains(.guardReported(listed)))
    }

    @Test("a wave that was watched to its end is guarded no longer")
    func ends() {
        var rollout = Self.guarded
        rollout.soaks.insert(Soak(batch: 2, phase: .strict, wave: "a", milliseconds: 60_000), at: 0)
        var run = simulation(rollout)
        #expect(run.runProcess() == .finished(.done))
        #expect(run.guarded == [[2], [3]])
    }

    @Test("a run that goes on looks again where it stopped, and compares with the first look")
    func goesOn() {
        var run = simulation()
        run.guardLooks = [Self.trip]
        run.runProcess()
        #expect(run.runProcess() == .finished(.done))
        #expect(run.guarded == [[2], [2], [2, 3]])
        #expect(run.journal.count { $0.kind == "guard-started" } == 2)
    }

    @Test("a run that goes on does not look after batches that others follow")
    func followed() {
        var run = simulation()
        run.longSoaks = [3]
        run.runProcess()
        #expect(run.guarded == [[2], [2, 3]])
        #expect(run.runProcess() == .finished(.done))
        #expect(run.guarded == [[2], [2, 3], [2, 3]])
    }

    @Test("death at any event is survived, and refusals still stop the run", arguments: 1..<24)
    func death(_ after: Int) {
        var run = simulation()
        run.dieAfter = after
        run.guardLooks = [Self.trip, Self.trip]
        let first = run.runProcess()
        run.dieAfter = nil
        if first == nil {
            #expect(run.runProcess() == .stopped(.guardTripped(batch: 2)))
        } else {
            #expect(first == .stopped(.guardTripped(batch: 2)))
        }
        #expect(run.runToTheEnd() == .finished(.done))
        #expect(run.cluster.effects.count == 3)
    }

    @Test("who asks for a stop does not wait for the guard", arguments: 0..<40)
    func stopped(_ after: Int) {
        var run = simulation()
        run.stopAfter = after
        let first = run.runProcess()
        #expect(first == .stopped(.interrupted) || first == .finished(.done))
        #expect(run.runToTheEnd() == .finished(.done))
    }

    @Test("few refusals in each of several batches are many together")
    func together() {
        func report(_ target: String, _ count: Int, excuse: String? = nil) -> GuardReport {
            GuardReport(
                batch: 2, refusals: [.init(from: "x", to: target, count: count, excuse: excuse)])
        }
        let rule = AbortRule()
        #expect(GuardReport(of: [report("a", 2), report("b", 3)], rule).trips)
        #expect(!GuardReport(of: [report("a", 2), report("b", 2)], rule).trips)
        #expect(
            !GuardReport(of: [report("a", 2), report("b", 9, excuse: "a scanner")], rule).trips)
        let twice = GuardReport(of: [report("a", 3), report("a", 4)], rule)
        #expect(!twice.trips && twice.counted == 4)
    }

    @Test("who got through before the step counts, unless somebody gave it up")
    func carriedBefore() {
        let base = GuardLook(
            at: Timestamp(milliseconds: 0),
            carried: ["shop/Deployment/cart": ["shop/new", "shop/old", "shop/web"]])
        let guarded = GuardedBatch(
            TrafficGuard(
                batch: 2,
                targets: [
                    .init(
                        workload: "shop/Deployment/cart", required: ["shop/Deployment/web"],
                        givenUp: ["shop/Deployment/old"])
                ]), base: base)
        #expect(guarded.target.targets[0].required == ["shop/Deployment/web", "shop/new"])
    }
}
