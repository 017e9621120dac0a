package import Journal
package import KubernetesClient
package import MeshCluster
package import MeshPlanning
import Synchronization
package import Timing

/// Performs what the run machine says: journals, reads, writes, waits. It decides nothing.
///
/// One loop owns the machine. I/O runs in child tasks that only send inputs to it; journaling is done in
/// the loop itself, synchronously, so that no cancellation can come between an effect and its record.
package struct RunEngine: Sendable {
    private let client: KubernetesClient
    private let journal: JournalStore
    private let clock: any RunClock
    private let observer: any RunObserver
    private let gates: GateKeeper
    private let lease: RunLease?
    private let patience: Duration
    private let maxOutage: Duration

    /// - Parameters:
    ///   - lease: the lock of the cluster, which somebody else renews; nil to go without.
    ///   - patience: how much longer a soak may last for the run to wait for its end.
    ///   - maxOutage: how long the API server may be away before the run stops.
    package init(
        client: KubernetesClient, journal: JournalStore, clock: any RunClock,
        observer: any RunObserver, gates: GateKeeper, lease: RunLease?, patience: Duration,
        maxOutage: Duration
    ) {
        self.client = client
        self.journal = journal
        self.clock = clock
        self.observer = observer
        self.gates = gates
        self.lease = lease
        self.patience = patience
        self.maxOutage = maxOutage
    }

    /// Runs to the end, or to the first stop. Throws only when the journal fails; the cluster is then
    /// as the last journaled intents say, and the next run finds out by reading back.
    ///
    /// - Parameters:
    ///   - run: a run whose `started` is journaled, new or found open.
    ///   - stopRequests: each element asks to stop after the writes in hand.
    package func execute(
        _ run: RunState, onFailure policy: RunMachine.FailurePolicy,
        stopRequests: AsyncStream<Void>
    ) async throws(JournalError) -> RunState {
        let (inbox, sender) = AsyncStream.makeStream(of: RunInput.self)
        let endurance = endurance(sender)
        let client = client.enduring(endurance)
        let writer = ChangeWriter(client, plan: run.header.plan)
        let performer = ActionPerformer(
            client: client, writer: writer, clock: clock, observer: observer,
            settings: run.rollout.settings, gates: gates.bound(to: run.rollout, client),
            lease: lease, patience: patience, endurance: endurance)
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { [observer] in
                for await _ in stopRequests {
                    observer.stopping()
                    sender.yield(.stopRequested)
                }
            }
            group.addTask { [lease] in
                guard let lease else { return }
                for await end in lease.endings() { sender.yield(.lockEnded(end)) }
            }
            let result = await loop(
                run, policy: policy, inbox: inbox,
                spawn: { action in
                    group.addTask {
                        if let input = await performer.perform(action) { sender.yield(input) }
                    }
                },
                abandonWaits: { performer.abandonWaits() })
            performer.abandonWaits()
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    /// Tells of outages, and ends the run with one that lasts too long.
    private func endurance(_ sender: AsyncStream<RunInput>.Continuation) -> Endurance {
        Endurance(limit: maxOutage, clock: clock) { [observer] report in
            switch report {
            case .away(let outage):
                observer.serverAway(
                    since: outage.since, now: outage.now, until: outage.until,
                    why: outage.failure.sentence)
            case .back(let duration): observer.serverBack(after: duration)
            case .givenUp(let outage): sender.yield(.serverLost(since: outage.since))
            }
        }
    }

    private func loop(
        _ run: RunState, policy: RunMachine.FailurePolicy, inbox: AsyncStream<RunInput>,
        spawn: (RunAction) -> Void, abandonWaits: () -> Void
    ) async -> Result<RunState, JournalError> {
        var machine = RunMachine(state: run, failurePolicy: policy, now: clock.now())
        var actions = machine.start()
        var inputs = inbox.makeAsyncIterator()
        while true {
            var next: [RunAction] = []
            for action in actions {
                switch action {
                case .append(let event):
                    let time = clock.now()
                    do {
                        try journal.append(event, to: run.header.id, at: time)
                    } catch {
                        return .failure(error)
                    }
                    observer.journaled(event, at: time)
                    next += machine.handle(.appended(event))
                case .abandonWaits:
                    abandonWaits()
                case .finish:
                    return .success(machine.state)
                case .read, .write, .confirm, .settle, .ask, .lookBefore, .lookAfter, .soak:
                    spawn(action)
                }
            }
            actions = next
            if actions.isEmpty {
                guard let input = await inputs.next() else { return .success(machine.state) }
                actions = machine.handle(input)
            }
        }
    }
}
