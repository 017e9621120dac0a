import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("A run whose lock ends")
struct RunLockTests {
    private static let plan = rollout([
        [policyChange("shop/a", nil, .strict), policyChange("shop/b", nil, .strict)]
    ])
    private static let taken = LockEnd.taken(by: "ben")
    private static let lost = RunEvent.stopped(.lockLost(to: "ben"))

    private static func intent(_ step: Step) -> StepIntent {
        StepIntent(change: step.change, uid: "", resourceVersion: "")
    }

    /// A machine whose two writes are on their way.
    private func writing(_ policy: RunMachine.FailurePolicy = .stop) -> RunMachine {
        var machine = RunMachine(
            state: RunState(header: RunSimulation.header, rollout: Self.plan),
            failurePolicy: policy, now: Timestamp(milliseconds: 0))
        _ = machine.start()
        for step in Self.plan.steps {
            _ = machine.handle(.read(step.id, .absent))
            _ = machine.handle(.appended(.stepIntended(step.id, Self.intent(step))))
        }
        return machine
    }

    @Test(
        "ends with the writes that were not sent, whose steps stay intended, also in a rollback",
        arguments: [true, false])
    func notSent(isApply: Bool) {
        var machine = writing(isApply ? .stop : .goOn)
        let ids = Self.plan.steps.map(\.id)
        #expect(machine.handle(.lockEnded(Self.taken, notSent: ids[0])) == [.abandonWaits])
        #expect(
            machine.handle(.lockEnded(Self.taken, notSent: ids[1]))
                == [.abandonWaits, .append(Self.lost)])
        #expect(
            machine.handle(.appended(Self.lost)) == [.finish(.stopped(.lockLost(to: "ben")))])
        for step in Self.plan.steps {
            #expect(machine.state.steps[step.id] == .inDoubt(Self.intent(step)))
        }
    }

    @Test("waits for the answer of a write that was sent, and begins nothing more")
    func sent() {
        var machine = writing()
        let ids = Self.plan.steps.map(\.id)
        let asked = LockEnd.asked(by: "ben", why: "to roll back")
        #expect(machine.handle(.lockEnded(asked)) == [.abandonWaits])
        let receipt = WriteReceipt(uid: "u", resourceVersion: "2")
        for id in ids {
            #expect(
                machine.handle(.written(id, receipt)) == [.append(.stepWritten(id, receipt))])
        }
        #expect(machine.handle(.appended(.stepWritten(ids[0], receipt))).isEmpty)
        #expect(
            machine.handle(.appended(.stepWritten(ids[1], receipt)))
                == [.append(.stopped(.stopRequested(by: "ben", why: "to roll back")))])
    }

    @Test("is told once: what stopped the run before stays the reason")
    func once() {
        var machine = writing()
        _ = machine.handle(.stopRequested)
        _ = machine.handle(.lockEnded(Self.taken, notSent: Self.plan.steps[0].id))
        #expect(
            machine.handle(.lockEnded(Self.taken, notSent: Self.plan.steps[1].id))
                == [.abandonWaits, .append(.stopped(.interrupted))])
        #expect(machine.handle(.lockEnded(Self.taken)).isEmpty)
    }
}
