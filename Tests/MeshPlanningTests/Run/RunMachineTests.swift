import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

/// The simulation itself holds every run to the order of intent, write, confirmation and record.
@Suite("A run, step by step")
struct RunMachineTests {
    static let twoBatches = rollout([
        [
            policyChange("shop/default", nil, .permissive),
            labelChange("shop", ["a": nil], ["a": "1"]),
        ],
        [policyChange("shop/default", .permissive, .strict)],
    ])

    func simulation(_ rollout: Rollout = twoBatches) -> RunSimulation {
        RunSimulation(rollout, on: cluster(for: rollout))
    }

    @Test("each step is intended, written, confirmed and recorded, in this order")
    func oneStep() {
        var run = simulation(rollout([[policyChange("shop/default", nil, .strict)]]))
        #expect(run.runProcess() == .finished(.done))
        let names = run.journal.map { String(describing: $0).prefix { $0 != "(" } }
        #expect(names == ["started", "stepIntended", "stepWritten", "stepConfirmed", "finished"])
    }

    @Test("an empty rollout is done at once")
    func empty() {
        var run = simulation(rollout([]))
        #expect(run.runProcess() == .finished(.done))
        #expect(run.inputs == 1)
    }

    @Test("what is as wanted already is recorded and not written")
    func foundDone() {
        var run = simulation()
        run.cluster.put(
            ObjectReference(kind: "Namespace", namespace: "", name: "shop"),
            .namespace(labels: ["a": "1", "b": "2"]))
        #expect(run.runProcess() == .finished(.done))
        #expect(run.journal.contains(.stepFoundDone(StepID(2))))
        #expect(run.cluster.effects.count == 2)
    }

    @Test("a restart has another time than the one before it, also where the clock says the same")
    func restartTime() {
        var run = simulation(rollout([[restartChange("shop", "a")]]))
        let object = run.rollout.steps[0].change.object
        let now = Timestamp(milliseconds: 1_000_000)
        run.cluster.put(object, .workload(restartedAt: now.rfc3339))
        #expect(run.runProcess() == .finished(.done))
        let later = (now + .seconds(1)).rfc3339
        #expect(run.cluster.read(object).content == .workload(restartedAt: later))
    }

    @Test("no more steps are in hand than the limit, and as many as it allows")
    func limit() {
        let changes = (0..<9).map { policyChange("shop/p\($0)", nil, .strict) }
        for limit in [1, 4, 32] {
            var run = simulation(rollout([changes], writesAtOnce: limit))
            #expect(run.runProcess() == .finished(.done))
            #expect(run.mostInHand == min(limit, 9))
        }
    }

    @Test("a limit of none still does one step at a time")
    func noLimit() {
        var run = simulation(
            rollout([[policyChange("shop/default", nil, .strict)]], writesAtOnce: 0))
        #expect(run.runProcess() == .finished(.done))
    }

    @Test("propagation is waited for between batches, not after the last")
    func settling() {
        var run = simulation()
        #expect(run.runProcess() == .finished(.done))
        #expect(run.settled == [1])
    }

    @Test("nothing is waited for after restarts, or when the wait is zero")
    func noSettling() {
        let restarts = rollout([[restartChange("shop", "a")], [restartChange("shop", "b")]])
        var run = simulation(restarts)
        #expect(run.runProcess() == .finished(.done))
        #expect(run.settled.isEmpty)
        var instant = simulation(
            rollout(Self.twoBatches.batches.map { $0.map(\.change) }, settle: .zero))
        #expect(instant.runProcess() == .finished(.done))
        #expect(instant.settled.isEmpty)
    }

    @Test("nothing is waited for after a batch that was found done")
    func noSettlingForFound() {
        let plan = rollout([
            [policyChange("shop/a", nil, .strict)], [policyChange("shop/b", nil, .strict)],
        ])
        var run = simulation(plan)
        _ = run.cluster.write(
            StepIntent(change: plan.steps[0].change, uid: "", resourceVersion: ""))
        #expect(run.runProcess() == .finished(.done))
        #expect(run.settled.isEmpty)
    }

    @Test("a lost answer is read back", arguments: [WriteFault.lostBefore, .lostAfter, .delayed])
    func lostAnswer(_ fault: WriteFault) {
        for seed in 0..<20 {
            var run = RunSimulation(Self.twoBatches, on: cluster(for: Self.twoBatches), seed: seed)
            run.faults = [StepID(1): [fault], StepID(3): [fault, fault]]
            #expect(run.runProcess() == .finished(.done))
            #expect(run.cluster.effects.values.allSatisfy { $0 == 1 })
            #expect(run.cluster.effects.count == 3)
        }
    }

    @Test("a write found by reading back says so in its receipt")
    func receipt() {
        var run = simulation()
        run.faults = [StepID(1): [.lostAfter]]
        run.runProcess()
        let receipts = run.journal.compactMap {
            if case .stepWritten(StepID(1), let receipt) = $0 { receipt } else { nil }
        }
        #expect(receipts.map(\.foundByReadingBack) == [true])
    }

    @Test("a write that is stale is read and intended again")
    func stale() {
        var run = simulation(rollout([[labelChange("shop", ["a": nil], ["a": "1"])]]))
        run.faults = [StepID(1): [.stale, .stale]]
        #expect(run.runProcess() == .finished(.done))
        let intents = run.journal.compactMap {
            if case .stepIntended(_, let intent) = $0 { intent.resourceVersion } else { nil }
        }
        #expect(Set(intents).count == 3)
    }

    @Test("an object that never holds still is given up after a few attempts")
    func staleForEver() {
        var run = simulation(rollout([[labelChange("shop", ["a": nil], ["a": "1"])]]))
        run.faults = [StepID(1): Array(repeating: .stale, count: 99)]
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(1))))
        let intents = run.journal.filter { if case .stepIntended = $0 { true } else { false } }
        #expect(intents.count == RunMachine.attemptLimit)
        #expect(run.cluster.effects.isEmpty)
    }

    @Test("a last attempt whose answer is lost is read back all the same")
    func lastAttempt() {
        var run = simulation(rollout([[policyChange("shop/default", nil, .strict)]]))
        let lost = Array(repeating: WriteFault.lostBefore, count: RunMachine.attemptLimit - 1)
        run.faults = [StepID(1): lost + [.lostAfter]]
        #expect(run.runProcess() == .finished(.done))
        #expect(run.cluster.effects.values.map(\.self) == [1])
    }

    @Test("a server that never answers leaves the step in doubt, and the run to be resumed")
    func neverAnswered() {
        var run = simulation(rollout([[policyChange("shop/default", nil, .strict)]]))
        run.faults = [StepID(1): Array(repeating: .lostBefore, count: RunMachine.attemptLimit)]
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(1))))
        guard case .inDoubt = run.state?.steps[StepID(1)] else {
            Issue.record("the step is \(String(describing: run.state?.steps[StepID(1)]))")
            return
        }
        #expect(run.state?.hasWritten == true)
        #expect(run.runToTheEnd() == .finished(.done))
    }

    @Test("a refused write stops an apply, which can be resumed")
    func refused() {
        var run = simulation()
        run.faults = [StepID(1): [.refused]]
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(1))))
        #expect(
            run.state?.steps[StepID(1)]
                == .failed(.refused(status: 403, reason: "Forbidden", message: "not allowed")))
        #expect(run.state?.isDone(StepID(3)) == false)
        #expect(run.runToTheEnd() == .finished(.done))
        #expect(run.cluster.effects.values.allSatisfy { $0 == 1 })
    }

    @Test("a refused write does not stop a rollback, which ends incomplete")
    func refusedInRollback() {
        let plan = rollout([
            [policyChange("shop/a", nil, .strict), policyChange("shop/b", nil, .strict)],
            [policyChange("shop/c", nil, .strict)],
        ])
        var run = simulation(plan)
        run.policy = .goOn
        run.faults = [StepID(1): [.refused]]
        #expect(run.runProcess() == .finished(.incomplete))
        #expect(run.cluster.effects.keys.map(\.object.name).sorted() == ["b", "c"])
    }

    @Test("a confirmation that misses its deadline leaves the step written; resuming confirms it")
    func unconfirmed() {
        var run = simulation()
        run.slow = [StepID(1)]
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(1))))
        guard case .written = run.state?.steps[StepID(1)] else {
            Issue.record("the step is \(String(describing: run.state?.steps[StepID(1)]))")
            return
        }
        #expect(run.runToTheEnd() == .finished(.done))
        #expect(run.cluster.effects.values.allSatisfy { $0 == 1 })
    }

    @Test("an object that somebody changed meanwhile is left alone and named")
    func moved() {
        var run = simulation()
        run.cluster.put(
            ObjectReference(kind: "Namespace", namespace: "", name: "shop"),
            .namespace(labels: ["a": "theirs"]))
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(2))))
        #expect(
            run.state?.steps[StepID(2)] == .failed(.moved(detail: "its labels are now a=theirs")))
    }

    @Test("a write that was done and then overwritten by somebody stays in doubt")
    func movedAfterLoss() {
        let change = policyChange("shop/default", nil, .permissive)
        let plan = rollout([[change]])
        var machine = RunMachine(
            state: RunState(header: RunSimulation.header, rollout: plan), failurePolicy: .stop,
            now: Timestamp(milliseconds: 0))
        let intent = StepIntent(change: change, uid: "", resourceVersion: "")
        #expect(machine.start() == [.read(plan.steps[0])])
        _ = machine.handle(.read(StepID(1), .absent))
        #expect(
            machine.handle(.appended(.stepIntended(StepID(1), intent)))
                == [.write(StepID(1), intent)])
        #expect(
            machine.handle(.writeInDoubt(StepID(1), message: "reset")) == [.read(plan.steps[0])])
        let theirs = CurrentObject(
            content: .policy(PolicyImage(labels: [:], spec: PolicySpec.make(mode: .disable))),
            uid: "u", resourceVersion: "9")
        for action in machine.handle(.read(StepID(1), theirs)) {
            guard case .append(let event) = action else { continue }
            _ = machine.handle(.appended(event))
        }
        #expect(machine.state.steps[StepID(1)] == .inDoubt(intent))
    }

    @Test("an unreadable object stops the run before anything is written")
    func unreadable() {
        var run = simulation()
        run.faults = [StepID(1): [.unreadable]]
        #expect(run.runProcess() == .stopped(.stepFailed(StepID(1))))
        #expect(run.runToTheEnd() == .finished(.done))
    }

    @Test("a stop at any moment is clean: what was sent is recorded, and the run can go on")
    func stops() {
        for moment in 0..<30 {
            for seed in 0..<4 {
                var run = RunSimulation(
                    Self.twoBatches, on: cluster(for: Self.twoBatches), seed: seed)
                run.faults = [StepID(2): [.lostAfter]]
                run.stopAfter = moment
                let status = run.runProcess()
                #expect(status == .stopped(.interrupted) || status == .finished(.done))
                #expect(status == .finished(.done) || run.journal.last == .stopped(.interrupted))
                run.stopAfter = nil
                #expect(status == .finished(.done) || run.runToTheEnd() == .finished(.done))
                #expect(run.cluster.effects.values.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test("a stop ends the waiting for confirmations that a failed step left behind")
    func stopAfterFailure() {
        let plan = rollout([
            [policyChange("shop/a", nil, .strict), policyChange("shop/b", nil, .strict)]
        ])
        var machine = RunMachine(
            state: RunState(header: RunSimulation.header, rollout: plan), failurePolicy: .stop,
            now: Timestamp(milliseconds: 0))
        func acknowledge(_ actions: [RunAction]) -> [RunAction] {
            actions.flatMap { action -> [RunAction] in
                guard case .append(let event) = action else { return [action] }
                return acknowledge(machine.handle(.appended(event)))
            }
        }
        _ = machine.start()
        _ = acknowledge(machine.handle(.read(StepID(1), .absent)))
        let receipt = WriteReceipt(uid: "u", resourceVersion: "1")
        _ = acknowledge(machine.handle(.written(StepID(1), receipt)))
        let failed = acknowledge(machine.handle(.readFailed(StepID(2), message: "no route")))
        #expect(failed == [])
        let stopped = acknowledge(machine.handle(.stopRequested))
        #expect(stopped == [.abandonWaits, .finish(.stopped(.stepFailed(StepID(2))))])
    }
}
