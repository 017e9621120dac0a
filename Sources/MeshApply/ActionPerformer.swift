import KubernetesClient
import MeshCluster
import MeshPlanning
import Synchronization
import Timing

/// The I/O of a run: one action in, the input that answers it out.
final class ActionPerformer: Sendable {
    private let client: KubernetesClient
    private let writer: ChangeWriter
    private let clock: any RunClock
    private let observer: any RunObserver
    private let settings: RunSettings
    private let gates: GateKeeper
    private let keeper: GuardKeeper
    private let lease: RunLease?
    /// A soak that has longer to go is not waited for.
    private let patience: Duration
    private let endurance: Endurance
    /// When a step's write was first in doubt.
    private let doubts = Mutex<[StepID: Timestamp]>([:])
    private let waitsAreAbandoned = Atomic<Bool>(false)

    init(
        client: KubernetesClient, writer: ChangeWriter, clock: any RunClock,
        observer: any RunObserver, settings: RunSettings, gates: GateKeeper, lease: RunLease?,
        patience: Duration, endurance: Endurance
    ) {
        self.client = client
        self.writer = writer
        self.clock = clock
        self.observer = observer
        self.settings = settings
        self.gates = gates
        self.patience = patience
        keeper = GuardKeeper(client, clock: clock, rule: settings.abort)
        self.lease = lease
        self.endurance = endurance
    }

    /// Ends confirmations and settling at their next look, and the wait for a server that is away. Writes
    /// that are on their way are never given up.
    func abandonWaits() {
        waitsAreAbandoned.store(true, ordering: .releasing)
        endurance.end()
    }

    /// nil for an action that is not I/O, and for a wait that was given up.
    func perform(_ action: RunAction) async -> RunInput? {
        switch action {
        case .read(let step): await read(step)
        case .write(let id, let intent): await write(id, intent)
        case .confirm(let step, _): await confirm(step)
        case .settle(let batch, let duration, let guarded):
            await settle(batch, duration, guarded)
        case .ask(let round, let checks): await ask(round, checks)
        case .lookBefore(let target): await look(before: target)
        case .lookAfter(let batches): await look(after: batches)
        case .soak(let soak, let since, let guarded):
            await watch(soak, since: since, guarded)
        case .append, .abandonWaits, .finish: nil
        }
    }

    private func read(_ step: Step) async -> RunInput {
        do throws(KubernetesError) {
            return .read(step.id, try await CurrentObject.read(for: step.change, from: client))
        } catch {
            return .readFailed(step.id, message: error.sentence)
        }
    }

    private func write(_ id: StepID, _ intent: StepIntent) async -> RunInput {
        do throws(KubernetesError) {
            if let end = try await lease?.beginWrite() { return .lockEnded(end, notSent: id) }
            defer { lease?.endWrite() }
            return .written(id, try await writer.write(intent))
        } catch {
            guard !error.isInDoubt, !error.isOutage, let status = error.status else {
                return await inDoubt(id, error)
            }
            if status.isAStaleWrite { return .writeStale(id) }
            return .writeRefused(
                id, status: status.code, reason: status.reason, message: error.sentence)
        }
    }

    /// The first lost answer is read back at once; then the server is given time between the attempts.
    ///
    /// In an outage that is put up with no longer, also what was surely not done counts as in doubt: it has
    /// not failed, and is read back by whoever goes on.
    private func inDoubt(_ id: StepID, _ error: KubernetesError) async -> RunInput {
        guard error.isOutage else { return .writeInDoubt(id, message: error.sentence) }
        let now = clock.now()
        let first = doubts.withLock { doubts in
            defer { doubts[id] = doubts[id] ?? now }
            return doubts[id]
        }
        if let first { _ = await endurance.wait(from: first, after: error) }
        return .writeInDoubt(id, message: error.sentence, isOutage: true)
    }

    /// Time in which the server is away does not count against the deadline.
    private func confirm(_ step: Step) async -> RunInput? {
        let confirmation = Confirmation(client)
        // By a clock that nobody sets: somebody who does must not make it wait for an hour.
        let deadline = clock.elapsed + settings.confirm
        let lost = endurance.lost
        var pause = Duration.milliseconds(250)
        while true {
            var missing: String
            do throws(KubernetesError) {
                switch try await confirmation.look(at: step) {
                case .confirmed(let evidence):
                    return .confirmed(step.id, evidence: evidence)
                case .failed(let reason):
                    return .unconfirmed(step.id, missing: reason)
                case .waiting(let done, let total, let reason):
                    missing = reason
                    observer.waiting(for: step, done: done, total: total, missing: reason)
                }
            } catch {
                if error.status?.isForbidden == true {
                    return .unconfirmed(step.id, missing: error.sentence)
                }
                missing = error.sentence
            }
            if clock.elapsed >= deadline + (endurance.lost - lost) {
                return .unconfirmed(step.id, missing: missing)
            }
            guard await wait(pause) else { return nil }
            pause = min(pause * 2, .seconds(2))
        }
    }

    private func settle(
        _ batch: Int, _ duration: Duration, _ guarded: [GuardedBatch]
    ) async -> RunInput? {
        observer.settling(after: batch, for: duration)
        let end = clock.elapsed + duration
        var nextLook = clock.elapsed + GuardKeeper.poll
        while clock.elapsed < end {
            guard await wait(min(.seconds(1), end - clock.elapsed)) else { return nil }
            guard !guarded.isEmpty, clock.elapsed >= nextLook else { continue }
            let report = await keeper.look(after: guarded)
            if report.trips { return .guardFound(report) }
            nextLook = clock.elapsed + GuardKeeper.poll
        }
        return .settleElapsed(batch: batch)
    }

    private func ask(_ round: GateRound, _ checks: [GateCheck]) async -> RunInput? {
        observer.asking(round, checks.map(\.question.gate))
        let found = await gates.ask(checks)
        if checks.contains(where: \.question.expectsRefusal) { keeper.noteProbe() }
        return waitsAreAbandoned.load(ordering: .acquiring) ? nil : .gatesFound(round, found)
    }

    private func look(before target: TrafficGuard) async -> RunInput? {
        let look = await keeper.look(before: target)
        return waitsAreAbandoned.load(ordering: .acquiring)
            ? nil : .guardLooked(batch: target.batch, look)
    }

    private func look(after batches: [GuardedBatch]) async -> RunInput? {
        let report = await keeper.look(after: batches)
        return waitsAreAbandoned.load(ordering: .acquiring) ? nil : .guardFound(report)
    }

    private func watch(
        _ soak: Soak, since: Timestamp?, _ guarded: [GuardedBatch]
    ) async -> RunInput? {
        guard let since else { return .soakBegan(batch: soak.batch, at: clock.now()) }
        let end = since + .milliseconds(soak.milliseconds)
        if end - clock.now() > patience { return .soakIsLong(batch: soak.batch, until: end) }
        while clock.now() < end {
            observer.soaking(soak, until: end)
            guard await wait(min(GuardKeeper.poll, end - clock.now())) else { return nil }
            if guarded.isEmpty { continue }
            let report = await keeper.look(after: guarded)
            if report.trips { return .guardFound(report) }
        }
        return .soakElapsed(batch: soak.batch)
    }

    /// false when the wait was given up.
    private func wait(_ duration: Duration) async -> Bool {
        guard !waitsAreAbandoned.load(ordering: .acquiring) else { return false }
        do {
            try await clock.sleep(for: duration)
        } catch {
            return false
        }
        return !waitsAreAbandoned.load(ordering: .acquiring)
    }
}

extension APIStatus {
    /// The object moved, appeared or went between read and write: reading again tells.
    fileprivate var isAStaleWrite: Bool {
        if !fieldManagerConflicts.isEmpty { return false }
        return isConflict || isAlreadyExists || isUIDMismatch || isMissingObject
    }
}
