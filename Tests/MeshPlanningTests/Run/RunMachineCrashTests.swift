import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A run that dies")
struct RunMachineCrashTests {
    /// Never enough faults on one step to make the machine give it up.
    static func faults(
        for rollout: Rollout, _ random: inout SeededGenerator
    ) -> [StepID: [WriteFault]] {
        var faults: [StepID: [WriteFault]] = [:]
        for step in rollout.steps where random.oneIn(2) {
            let kinds: [WriteFault] = [.lostBefore, .lostAfter, .stale, .delayed]
            faults[step.id] = (0..<Int.random(in: 1...2, using: &random)).map { _ in
                random.pick(kinds)
            }
        }
        return faults
    }

    @Test(
        "goes on after a death at any append, and does everything exactly once", arguments: 0..<60)
    func everyDeath(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let rollout = randomRollout(&random)
        let start = cluster(for: rollout)
        let faults = Self.faults(for: rollout, &random)
        var undisturbed = RunSimulation(rollout, on: start)
        #expect(undisturbed.runProcess() == .finished(.done))
        let expected = Dictionary(
            rollout.steps.map { ($0.change, 1) }, uniquingKeysWith: +)
        #expect(undisturbed.cluster.effects == expected)

        var death = 2
        while true {
            var run = RunSimulation(rollout, on: start, seed: seed &* 1000 + death)
            run.faults = faults
            run.policy = seed.isMultiple(of: 3) ? .goOn : .stop
            run.dieAfter = death
            let first = run.runProcess()
            if first == nil {
                run.dieAfter = nil
                #expect(run.runToTheEnd() == .finished(.done))
            }
            #expect(run.cluster.effects == expected, "death after event \(death)")
            #expect(
                run.cluster.contents.filter { $0.key.kind != "Deployment" }
                    == undisturbed.cluster.contents.filter { $0.key.kind != "Deployment" })
            if first != nil { break }
            death += 1
        }
        #expect(death > rollout.steps.count * 2)
    }

    @Test("goes on after many deaths in a row", arguments: 0..<30)
    func manyDeaths(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let rollout = randomRollout(&random)
        var run = RunSimulation(rollout, on: cluster(for: rollout), seed: seed)
        run.faults = Self.faults(for: rollout, &random)
        var status: RunState.Status?
        for _ in 0..<200 where status == nil {
            run.dieAfter = run.journal.count + Int.random(in: 1...3, using: &random)
            status = run.runProcess()
        }
        #expect(status == .finished(.done))
        let expected = Dictionary(rollout.steps.map { ($0.change, 1) }, uniquingKeysWith: +)
        #expect(run.cluster.effects == expected)
    }
}
