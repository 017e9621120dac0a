import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("A run whose server is away")
struct RunOutageTests {
    private static let change = policyChange("shop/default", nil, .strict)
    private static let plan = rollout([[change]])
    private static let intent = StepIntent(change: change, uid: "", resourceVersion: "")
    private static let lost = RunInput.serverLost(since: Timestamp(milliseconds: 7000))
    private static let stopped = RunEvent.stopped(.unreachable(since: 7000))

    private func machine(
        _ plan: Rollout = plan, _ policy: RunMachine.FailurePolicy = .stop
    ) -> RunMachine {
        RunMachine(
            state: RunState(header: RunSimulation.header, rollout: plan), failurePolicy: policy,
            now: Timestamp(milliseconds: 0))
    }

    /// A machine whose write is on its way.
    private func writing() -> RunMachine {
        var machine = machine()
        _ = machine.start()
        _ = machine.handle(.read(StepID(1), .absent))
        _ = machine.handle(.appended(.stepIntended(StepID(1), Self.intent)))
        return machine
    }

    @Test("in an outage a write is read back and tried again without end")
    func uncounted() {
        var machine = writing()
        for _ in 0..<(RunMachine.attemptLimit * 4) {
            #expect(
                machine.handle(.writeInDoubt(StepID(1), message: "reset", isOutage: true))
                    == [.read(Self.plan.steps[0])])
            #expect(
                machine.handle(.read(StepID(1), .absent))
                    == [.append(.stepIntended(StepID(1), Self.intent))])
            #expect(
                machine.handle(.appended(.stepIntended(StepID(1), Self.intent)))
                    == [.write(StepID(1), Self.intent)])
        }
    }

    @Test(
        "lost before anything is written, it stops at once, an apply and a rollback",
        arguments: [true, false])
    func beforeWriting(isApply: Bool) {
        var machine = machine(Self.plan, isApply ? .stop : .goOn)
        _ = machine.start()
        #expect(machine.handle(Self.lost) == [.abandonWaits, .append(Self.stopped)])
        #expect(machine.handle(.readFailed(StepID(1), message: "refused")).isEmpty)
        #expect(
            machine.handle(.appended(Self.stopped))
                == [.finish(.stopped(.unreachable(since: 7000)))])
        #expect(!machine.state.hasWritten)
    }

    @Test("lost while a write is on its way, its outcome is asked for once, and else left in doubt")
    func whileWriting() {
        var machine = writing()
        #expect(machine.handle(Self.lost) == [.abandonWaits])
        #expect(
            machine.handle(.writeInDoubt(StepID(1), message: "refused", isOutage: true))
                == [.read(Self.plan.steps[0])])
        let failed = RunEvent.stepFailed(StepID(1), .unreachable(message: "refused"))
        #expect(machine.handle(.readFailed(StepID(1), message: "refused")) == [.append(failed)])
        #expect(machine.handle(.appended(failed)) == [.append(Self.stopped)])
        #expect(machine.state.steps[StepID(1)] == .inDoubt(Self.intent))
    }

    @Test("a write that was not done is not done after a stop; whoever goes on reads it back")
    func notBegunAgain() {
        var machine = writing()
        _ = machine.handle(.stopRequested)
        _ = machine.handle(.writeInDoubt(StepID(1), message: "reset"))
        #expect(machine.handle(.read(StepID(1), .absent)) == [.append(.stopped(.interrupted))])
        #expect(machine.state.steps[StepID(1)] == .inDoubt(Self.intent))
        var next = RunMachine(
            state: machine.state, failurePolicy: .stop, now: Timestamp(milliseconds: 9000))
        #expect(next.start() == [.read(Self.plan.steps[0])])
        #expect(
            next.handle(.read(StepID(1), .absent))
                == [.append(.stepIntended(StepID(1), Self.intent))])
    }
}
