import MeshModel
import MeshPlanning
import Testing
import TestSupport
import Timing

/// What goes wrong with one attempt to write.
enum WriteFault: CaseIterable {
    /// The request, or its answer, is lost: before or after the server did it.
    case lostBefore, lostAfter
    /// Somebody touched the object between read and write.
    case stale
    /// The request is taken for lost, and reaches the server much later.
    case delayed
    case refused
    case unreadable
}

/// The world around a run machine: a cluster, a journal, and chance. It holds the machine to its promises
/// after every input, and goes on after deaths as another process would.
struct RunSimulation {
    var cluster: FakeCluster
    let rollout: Rollout
    var policy = RunMachine.FailurePolicy.stop
    /// What befalls the attempts to write, attempt by attempt.
    var faults: [StepID: [WriteFault]] = [:]
    /// Steps whose first confirmation misses its deadline.
    var slow: Set<StepID> = []
    /// What the gates of a round find, time after time; they pass once it is used up.
    var gates: [GateRound: [GateFinding.Verdict]] = [:]
    /// Batches whose first soak lasts longer than the command waits.
    var longSoaks: Set<Int> = []
    /// What the guard finds, look after look; nothing once it is used up.
    var guardLooks: [GuardReport] = []
    enum GuardMoment: CaseIterable { case settling, afterBatch, soak }

    /// When the guard's findings come.
    var guardMoment = GuardMoment.afterBatch
    /// Asked for a stop once this many inputs were handled.
    var stopAfter: Int?
    /// The process dies once this many events are in the journal.
    var dieAfter: Int?
    var random: SeededGenerator

    private(set) var journal: [RunEvent]
    private(set) var status: RunState.Status?
    private(set) var inputs = 0
    private(set) var settled: [Int] = []
    private(set) var asked: [GateRound] = []
    /// What was asked each time, and how many writes the cluster had taken by then.
    private(set) var asks: [(checks: [GateCheck], effects: Int)] = []
    /// The batches that each look of the guard was about.
    private(set) var guarded: [[Int]] = []
    private(set) var mostInHand = 0
    /// Requests that reach the server after their sender gave up on them.
    private var delayed: [StepIntent] = []
    private var pending: [RunAction] = []
    private var processes = 0

    init(_ rollout: Rollout, on cluster: FakeCluster, seed: Int = 0) {
        self.rollout = rollout
        self.cluster = cluster
        random = SeededGenerator(seed: seed)
        journal = [.started(RunSimulation.header, rollout)]
    }

    static let header = RunHeader(
        id: RunID("run-1"), kind: .apply, plan: "home", clusterUID: "cluster-1",
        server: "https://cluster.example", stage: .strict)

    var state: RunState? { RunState(replaying: journal) }

    /// Runs one process until it finishes or dies; nil is death.
    @discardableResult
    mutating func runProcess() -> RunState.Status? {
        guard let state else {
            Issue.record("the journal does not begin with `started`")
            return nil
        }
        processes += 1
        let startedAt = Timestamp(milliseconds: Int64(processes) * 1_000_000)
        var machine = RunMachine(state: state, failurePolicy: policy, now: startedAt)
        pending = []
        status = nil
        take(machine.start())
        while status == nil {
            if stopAfter.map({ inputs >= $0 }) ?? false {
                stopAfter = nil
                take(machine.handle(.stopRequested))
                continue
            }
            guard let action = next() else {
                Issue.record("the machine waits for nothing: \(String(describing: journal.last))")
                return nil
            }
            guard let input = perform(action) else { break }
            inputs += 1
            take(machine.handle(input))
            #expect(machine.state == self.state)
        }
        if status == nil { die() }
        return status
    }

    /// Runs processes until the run is finished, as the same command given again would.
    mutating func runToTheEnd() -> RunState.Status? {
        for _ in 0..<30 {
            let status = runProcess()
            if case .finished = status { return status }
            dieAfter = nil
            journal.append(.resumed(by: "me@laptop"))
        }
        Issue.record("the run never finishes")
        return nil
    }

    // MARK: - The world

    /// Appends happen in order; all else in any.
    private mutating func next() -> RunAction? {
        guard !pending.isEmpty else { return nil }
        let index = Int.random(in: 0..<pending.count, using: &random)
        guard case .append = pending[index] else { return pending.remove(at: index) }
        let first = pending.firstIndex { if case .append = $0 { true } else { false } }
        return pending.remove(at: first ?? index)
    }

    /// nil when the process dies, or is done.
    private mutating func perform(_ action: RunAction) -> RunInput? {
        if random.oneIn(4), !delayed.isEmpty { cluster.writeLate(delayed.removeFirst()) }
        switch action {
        case .append(let event):
            journal.append(event)
            return dieAfter.map { journal.count >= $0 } ?? false ? nil : .appended(event)
        case .read(let step): return read(step)
        case .write(let id, let intent): return write(id, intent)
        case .confirm(let step, _):
            if slow.remove(step.id) != nil { return .unconfirmed(step.id, missing: "2 of 3 pods") }
            return .confirmed(step.id, evidence: "seen")
        case .settle(let batch, _, let batches):
            if guardMoment == .settling, !batches.isEmpty, !guardLooks.isEmpty {
                return .guardFound(guardLooks.removeFirst())
            }
            settled.append(batch)
            return .settleElapsed(batch: batch)
        case .ask(let round, let checks):
            asked.append(round)
            asks.append((checks, cluster.effects.count))
            let queue = gates[round] ?? []
            gates[round] = Array(queue.dropFirst())
            return .gatesFound(
                round,
                checks.map {
                    GateFinding($0.question.gate, queue.first ?? .pass, about: "it", "seen")
                })
        case .lookBefore(let target):
            return .guardLooked(
                batch: target.batch, GuardLook(at: Timestamp(milliseconds: Int64(target.batch))))
        case .lookAfter(let batches):
            guarded.append(batches.map(\.target.batch))
            for batch in batches { #expect(batch.base.at == Int64(batch.target.batch)) }
            if guardMoment == .afterBatch, !guardLooks.isEmpty {
                return .guardFound(guardLooks.removeFirst())
            }
            return .guardFound(GuardReport(batch: batches.last?.target.batch ?? 0))
        case .soak(let soak, let since, let batches):
            guard let since else {
                return .soakBegan(batch: soak.batch, at: Timestamp(milliseconds: 5000))
            }
            if guardMoment == .soak, !batches.isEmpty, !guardLooks.isEmpty {
                return .guardFound(guardLooks.removeFirst())
            }
            return longSoaks.remove(soak.batch) == nil
                ? .soakElapsed(batch: soak.batch)
                : .soakIsLong(batch: soak.batch, until: since + .seconds(60))
        case .abandonWaits, .finish:
            return nil
        }
    }

    private mutating func read(_ step: Step) -> RunInput {
        if faults[step.id]?.first == .unreadable {
            faults[step.id]?.removeFirst()
            return .readFailed(step.id, message: "connection refused")
        }
        return .read(step.id, cluster.read(step.change.object))
    }

    private mutating func write(_ id: StepID, _ intent: StepIntent) -> RunInput {
        let fault: WriteFault? = faults[id].flatMap { $0.first == .unreadable ? nil : $0.first }
        if fault != nil { faults[id]?.removeFirst() }
        switch fault {
        case .lostBefore: return .writeInDoubt(id, message: "timed out")
        case .delayed:
            delayed.append(intent)
            return .writeInDoubt(id, message: "timed out")
        case .refused:
            return .writeRefused(id, status: 403, reason: "Forbidden", message: "not allowed")
        case .stale: cluster.touch(intent.change.object)
        case .lostAfter, .unreadable, nil: break
        }
        guard let receipt = cluster.write(intent) else { return .writeStale(id) }
        return fault == .lostAfter
            ? .writeInDoubt(id, message: "connection reset") : .written(id, receipt)
    }

    /// The process is gone. What it had sent may be on its way still.
    private mutating func die() {
        for case .write(_, let intent) in pending {
            if random.oneIn(2) { _ = cluster.write(intent) } else { delayed.append(intent) }
        }
        pending = []
    }

    // MARK: - The machine's promises

    private mutating func take(_ actions: [RunAction]) {
        for action in actions {
            switch action {
            case .read(let step):
                expectTurn(of: step)
                expectGatesPassed(before: step)
            case .confirm(let step, _): expectTurn(of: step)
            case .ask(let round, _): expectTurn(of: round)
            case .lookBefore(let target): expectUnbegun(target.batch)
            case .soak, .lookAfter: break
            case .write(let id, let intent): expectIntended(id, intent)
            case .settle(let batch, _, _): expectSettlingIsDue(after: batch)
            case .abandonWaits:
                // Answers that were on their way may come all the same.
                pending.removeAll { $0.isWait && random.oneIn(2) }
                continue
            case .finish(let status):
                #expect(!pending.contains { $0.isWrite }, "a write in flight was abandoned")
                self.status = status
                continue
            case .append: break
            }
            pending.append(action)
        }
        let inHand = pending.filter { $0.stepID != nil }.count
        mostInHand = max(mostInHand, inHand)
    }

    /// How it was before is seen before anything of the batch is written by this process.
    private func expectUnbegun(_ batch: Int) {
        for action in pending {
            #expect(action.stepID == nil, "the guard looks while a step is in hand")
        }
        expectTurn(of: GateRound(.before, batch: batch))
    }

    private func expectIntended(_ id: StepID, _ intent: StepIntent) {
        let last = journal.last { $0.stepID == id }
        #expect(last == .stepIntended(id, intent), "a write without an acknowledged intent")
        #expect(!pending.contains { $0.isWrite && $0.stepID == id }, "two writes of one step")
    }

    private func expectTurn(of step: Step) {
        guard let state else { return }
        for earlier in rollout.steps where earlier.batch < step.batch {
            var isOver = state.isDone(earlier.id)
            if policy == .goOn, !isOver {
                isOver = journal.contains {
                    if case .stepFailed(earlier.id, _) = $0 { true } else { false }
                }
                // Or a gate does not let it pass, or nobody does it, because another one is not done.
                let round = GateRound(.before, batch: earlier.batch)
                isOver = isOver || state.findings[round].map { !$0.letPass } ?? false
                isOver =
                    isOver
                    || rollout.steps.contains { earlier.rests(on: $0) && !state.isDone($0.id) }
            }
            #expect(isOver, "step \(step.id.number) before \(earlier.id.number) is done")
            let waits = rollout.settings.settleMilliseconds > 0
            let needsSettling =
                waits
                && rollout.steps.contains {
                    guard $0.batch == earlier.batch, $0.settles,
                        case .confirmed = state.steps[$0.id]
                    else { return false }
                    return true
                }
            #expect(!needsSettling || state.settledBatches.contains(earlier.batch))
        }
    }

    /// What is not begun starts only behind gates that let it pass.
    private func expectGatesPassed(before step: Step) {
        let round = GateRound(.before, batch: step.batch)
        guard let state, state.steps[step.id] == .pending, rollout.gatesByRound[round] != nil else {
            return
        }
        #expect(state.findings[round]?.letPass == true, "past a gate that was not passed")
    }

    private func expectTurn(of round: GateRound) {
        for step in rollout.steps where step.batch == round.batch {
            if round.moment == .before { expectTurn(of: step) }
        }
        for action in pending {
            #expect(action.stepID == nil, "gates asked while a step is in hand")
        }
    }

    private func expectSettlingIsDue(after batch: Int) {
        guard let state else { return }
        #expect(!state.settledBatches.contains(batch))
        #expect(
            rollout.steps.contains { $0.batch > batch }
                || rollout.soaks.contains { $0.batch == batch }
                || rollout.guards.contains { $0.batch == batch }
                || rollout.gatesByRound[GateRound(.after, batch: batch)] != nil, "nothing follows")
        #expect(
            rollout.steps.contains {
                guard $0.batch == batch, $0.settles, case .confirmed = state.steps[$0.id] else {
                    return false
                }
                return true
            }, "nothing in the batch was written")
    }
}

extension RunAction {
    var isWrite: Bool { if case .write = self { true } else { false } }

    var isWait: Bool {
        switch self {
        case .confirm, .settle, .ask, .lookBefore, .lookAfter, .soak: true
        default: false
        }
    }

    var stepID: StepID? {
        switch self {
        case .append(let event): event.stepID
        case .read(let step), .confirm(let step, _): step.id
        case .write(let id, _): id
        case .settle, .ask, .lookBefore, .lookAfter, .soak, .abandonWaits, .finish: nil
        }
    }
}
