package import KubernetesClient
package import Timing

extension RunLease {
    /// Somebody else has it, and is alive.
    package struct Held: Error, Sendable {
        package var record: LeaseRecord
        /// It was asked to stop, and goes on.
        package var wasAsked: Bool
    }

    package enum Manner: Sendable {
        /// Leaves it to who has it.
        case yields
        /// Asks an apply that has it to stop.
        case insists
    }

    /// Takes the lock: at once where it is free, else as soon as it is known that nobody holds it any more.
    ///
    /// - Parameters:
    ///   - client: for taking it, with the usual patience.
    ///   - patience: how long answers to its taking may get lost.
    ///   - tell: called once where it takes longer than a moment.
    /// - Throws: `Held`; `KubernetesError`, also where the namespace or the Lease may not be made;
    ///   `CancellationError`.
    package static func acquire(
        namespace: String, as holder: LeaseHolder, _ manner: Manner, client: KubernetesClient,
        clock: any RunClock, patience: Duration, tell: (LeaseRecord) -> Void
    ) async throws -> RunLease {
        let store = LeaseStore(namespace: namespace, client)
        let own = LeaseStore(namespace: namespace, client.once(within: RunLease.requestLimit))
        var watch = LeaseWatch()
        var asked: (holder: LeaseHolder, at: Duration)?
        var waited = 0
        var failures = 0
        var failing: Duration?
        while true {
            let start = clock.elapsed
            let record = try await store.read()
            let verdict = record.map {
                watch.look(at: $0, asked: start, answered: clock.elapsed)
            }
            let mayTake = verdict.map { $0 == .free || $0 == .abandoned } ?? true
            let sent = clock.elapsed
            if mayTake {
                do throws(KubernetesError) {
                    let taken =
                        if let record {
                            try await store.take(record, for: holder, at: clock.now())
                        } else { try await store.create(heldBy: holder, at: clock.now()) }
                    return RunLease(
                        own, taken, holder, from: record?.holder, renewedAt: sent, clock)
                } catch {
                    if !error.isStaleLease {
                        let since = failing ?? sent
                        guard error.isInDoubt, clock.elapsed - since < patience else { throw error }
                        failing = since
                        failures = min(failures + 1, 6)
                    }
                    // Done all the same, where the answer was lost.
                    if let found = try await store.read(), found.holder == holder {
                        return RunLease(
                            own, found, holder, from: record?.holder, renewedAt: sent, clock)
                    }
                }
                try await clock.sleep(for: min(.milliseconds(100) * (1 << failures), .seconds(5)))
                continue
            }
            guard let record, let present = record.holder else { continue }
            let insists = manner == .insists && present.yieldsToRollback
            if verdict == .alive, !insists { throw Held(record: record, wasAsked: false) }
            if let asked, asked.holder == present, clock.elapsed - asked.at > Self.politeness {
                throw Held(record: record, wasAsked: true)
            }
            if insists, asked?.holder != present {
                try await requestStop(record, by: holder, store)
                asked = (present, clock.elapsed)
            }
            if waited == 1 { tell(record) }
            waited += 1
            try await clock.sleep(for: .seconds(1))
        }
    }

    /// Asks who has the lock to stop, where that is an apply, and does not wait for it.
    ///
    /// - Returns: who has it; nil where nobody has.
    package static func askToStop(
        namespace: String, as holder: LeaseHolder, client: KubernetesClient
    ) async throws(KubernetesError) -> LeaseHolder? {
        let store = LeaseStore(namespace: namespace, client)
        guard let record = try await store.read(), let present = record.holder else { return nil }
        if present.yieldsToRollback { try await requestStop(record, by: holder, store) }
        return present
    }

    /// Where somebody was faster, the next look tells.
    private static func requestStop(
        _ record: LeaseRecord, by holder: LeaseHolder, _ store: LeaseStore
    ) async throws(KubernetesError) {
        guard record.stopRequest == nil else { return }
        var record = record
        for _ in 0..<5 {
            do throws(KubernetesError) {
                _ = try await store.requestStop(
                    record,
                    LeaseRecord.StopRequest(
                        by: holder.sentence, why: "to roll back what is under way"))
                return
            } catch {
                guard error.isStaleLease || error.isInDoubt else { throw error }
                guard let found = try await store.read(), found.holder == record.holder,
                    found.stopRequest == nil
                else { return }
                record = found
            }
        }
    }

    /// How long somebody who was asked to stop, and goes on renewing, is waited for: longer than a request may take
    /// (60 s), as a write that is under way is waited for.
    private static let politeness = Duration.seconds(90)
}
