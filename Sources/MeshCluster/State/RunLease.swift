package import KubernetesClient
package import MeshPlanning
import JSON
import Synchronization
import Timing

/// The lock of a cluster, held: a Lease that is renewed for as long as the command works.
///
/// It keeps two operators from working at the same time. That no write meets what it was not planned for is not
/// its doing, but that of each write's uid and resourceVersion.
package final class RunLease: Sendable {
    /// Between two renewals.
    static let interval = Duration.seconds(5)
    /// After a renewal that failed.
    static let pause = Duration.seconds(1)
    /// A holder that could not renew for this long writes nothing before it has renewed. Others wait for 15 s.
    static let certainty = Duration.seconds(10)
    /// Of one request for the Lease, which is to be answered well before that.
    static let requestLimit = Duration.seconds(5)

    private struct State {
        var record: LeaseRecord
        /// When the last renewal that succeeded was sent, in elapsed time.
        var renewed: Duration
        var end: LockEnd?
        /// Writes that are under way.
        var writes = 0
        var openRun: LeaseRecord.OpenRun?
        /// The Lease names another open run.
        var namesAnother = false
        var listeners: [Int: AsyncStream<LockEnd>.Continuation] = [:]
        var nextListener = 0
        /// A request is on its way; who comes meanwhile waits here.
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        /// What may be there to be renewed: also a lock that somebody asks for, while a write is under way. Who
        /// takes it then would look before that write is done, and it would be done behind their back.
        var isToBeRenewed: Bool {
            switch end {
            case nil: true
            case .asked: writes > 0
            case .taken: false
            }
        }
    }

    package let holder: LeaseHolder
    /// Who held it when it was taken over; nil where it was free.
    package let takenFrom: LeaseHolder?
    private let store: LeaseStore
    private let clock: any RunClock
    private let state: Mutex<State>

    init(
        _ store: LeaseStore, _ record: LeaseRecord, _ holder: LeaseHolder,
        from former: LeaseHolder?, renewedAt renewed: Duration, _ clock: any RunClock
    ) {
        self.store = store
        self.holder = holder
        self.clock = clock
        takenFrom = former
        state = Mutex(State(record: record, renewed: renewed, openRun: record.openRun))
    }

    /// Why it is ours no longer, or is not to be for long; nil while all is well.
    package var end: LockEnd? { state.withLock(\.end) }

    /// The run that is not at its end, as the Lease names it.
    package var openRun: LeaseRecord.OpenRun? { state.withLock(\.openRun) }

    /// Tells of the end, also of one that was before.
    package func endings() -> AsyncStream<LockEnd> {
        AsyncStream { continuation in
            let id = state.withLock { state in
                if let end = state.end { continuation.yield(end) }
                state.nextListener += 1
                state.listeners[state.nextListener] = continuation
                return state.nextListener
            }
            continuation.onTermination = { [self] _ in
                _ = state.withLock { $0.listeners.removeValue(forKey: id) }
            }
        }
    }

    /// Renews again and again, until the task is cancelled. Somebody who is asked to stop renews no more, but while
    /// a write is under way: even where stopping is held up, the lock is free when its time is over.
    package func keep() async {
        var wait = Self.interval
        while state.withLock(\.isToBeRenewed) {
            do { try await clock.standBy(for: wait) } catch { return }
            do throws(KubernetesError) {
                _ = try await renew()
                wait = Self.interval
            } catch {
                wait = Self.pause
            }
        }
    }

    /// Asked before each write: nil where the lock is certainly ours, and stays so until `endWrite`. Renews where
    /// that is not certain, and throws where it cannot.
    package func beginWrite() async throws(KubernetesError) -> LockEnd? {
        if !isCertain { _ = try await renew(unless: { isCertain }) }
        return state.withLock { state in
            if state.end == nil { state.writes += 1 }
            return state.end
        }
    }

    /// The write was answered, or is given up.
    package func endWrite() { state.withLock { $0.writes -= 1 } }

    private var isCertain: Bool {
        let now = clock.elapsed
        return state.withLock { $0.end != nil || now - $0.renewed < Self.certainty }
    }

    /// Names the open run, before its first write.
    package func name(_ run: LeaseRecord.OpenRun) async throws(KubernetesError) -> LockEnd? {
        setOpenRun(run)
        return try await renew()
    }

    /// No run is open any more. The Lease says so when it is released, or renewed.
    package func nameNone() { setOpenRun(nil) }

    private func setOpenRun(_ run: LeaseRecord.OpenRun?) {
        state.withLock { state in
            state.openRun = run
            state.namesAnother = true
        }
    }

    /// Lets go of it, where it is still ours. Where the server cannot be had, it is free in 15 s; one that is
    /// busy is asked again.
    package func release() async {
        await enter()
        defer { leave() }
        if case .taken = end { return }
        for _ in 0..<Self.attempts {
            let (record, annotations) = state.withLock { ($0.record, Self.annotations($0)) }
            do throws(KubernetesError) {
                let released = try await store.release(record, annotations: annotations)
                state.withLock { state in
                    state.record = released
                    state.end = .taken(by: "nobody")
                }
                return
            } catch {
                if error.status?.isTransient == true {
                    guard (try? await clock.sleep(for: Self.pause)) != nil else { return }
                } else if !error.isStaleLease, !error.isInDoubt {
                    return
                }
                guard let found = try? await store.read(), found.holder == holder else { return }
                state.withLock { $0.record = found }
            }
        }
    }
}

// MARK: - Renewing

extension RunLease {
    private static let attempts = 4

    /// - Parameter isNeedless: asked when it is this renewal's turn.
    private func renew(
        unless isNeedless: () -> Bool = { false }
    ) async throws(KubernetesError) -> LockEnd? {
        await enter()
        defer { leave() }
        if isNeedless() { return end }
        var attempt = 1
        while true {
            let (isOver, end, record, annotations) = state.withLock {
                (!$0.isToBeRenewed, $0.end, $0.record, Self.annotations($0))
            }
            if isOver { return end }
            let (sent, now) = (clock.elapsed, clock.now())
            do throws(KubernetesError) {
                let renewed = try await store.renew(record, annotations: annotations, at: now)
                return adopt(renewed, renewedAt: sent, asNamed: annotations)
            } catch {
                guard error.isStaleLease || error.isInDoubt else { throw error }
                // Somebody has written to it, or the answer was lost.
                guard let found = try await store.read() else {
                    return finish(.taken(by: "somebody who deleted the Lease"))
                }
                guard found.holder == holder else {
                    return finish(.taken(by: found.taker(from: holder)))
                }
                if error.isInDoubt, found.renewedAt == now {
                    return adopt(found, renewedAt: sent, asNamed: annotations)
                }
                state.withLock { $0.record = found }
                if end == nil, let request = found.stopRequest {
                    _ = finish(.asked(by: request.by, why: request.why))
                    if !state.withLock(\.isToBeRenewed) { return self.end }
                }
                guard error.isStaleLease, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private func adopt(
        _ record: LeaseRecord, renewedAt time: Duration, asNamed annotations: JSONValue
    ) -> LockEnd? {
        let end = state.withLock { state in
            state.record = record
            state.renewed = time
            if annotations == Self.annotations(state) { state.namesAnother = false }
            return state.end
        }
        return end ?? record.stopRequest.map { finish(.asked(by: $0.by, why: $0.why)) }
    }

    @discardableResult
    private func finish(_ end: LockEnd) -> LockEnd {
        let listeners = state.withLock { state in
            state.end = end
            return state.listeners.sorted { $0.key < $1.key }.map(\.value)
        }
        for listener in listeners { listener.yield(end) }
        return end
    }

    private static func annotations(_ state: State) -> JSONValue {
        guard state.namesAnother else { return [:] }
        return [LeaseRecord.Annotation.run: LeaseRecord.annotation(state.openRun)]
    }

    // MARK: One request at a time

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

extension LeaseRecord {
    /// Who has it instead.
    fileprivate func taker(from former: LeaseHolder) -> String {
        if let holder { return holder.sentence }
        guard let broken, broken.held == former.text else {
            return "somebody who has let go of it since"
        }
        return "\(broken.by), who broke it: \(broken.why)"
    }
}
