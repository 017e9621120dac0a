import HTTPTypes
import JSON
package import KubernetesSandbox
import Synchronization
package import Timing

/// One cluster with its store, shared by the server's connections and the run's clock.
///
/// Every change is committed before its answer is given and before watchers hear of it.
package final class ServedCluster: Sendable {
    /// How the cluster's time goes.
    package enum Pace: Sendable {
        /// It stands still but for requests and waits: each request takes a moment, each wait is jumped.
        case virtual
        /// At wall speed.
        case real
    }

    /// What a request is answered with.
    enum Answer: Sendable {
        case response(SandboxResponse)
        /// A stream, known by its number until it ends.
        case watch(id: Int, initial: [UInt8])
        /// After this time on the wall.
        case slow(SandboxResponse, Duration)
        /// None: the connection is reset.
        case lost
    }

    enum WatchEvent: Sendable {
        case data([UInt8])
        case end
    }

    private struct Watcher {
        let watch: SandboxWatch
        let sink: @Sendable (WatchEvent) -> Void
    }

    private struct State {
        var cluster: SandboxCluster
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0
        var waiters = TimeWaiters()
        var log = RequestLog()
        /// The cluster's time minus the wall's elapsed time, at wall speed.
        let base: Timestamp
        var isClosed = false
    }

    private let state: Mutex<State>
    private let store: SandboxStore
    private let pace: Pace
    private let opened = ContinuousClock.now

    /// How long a request takes in virtual time: enough that a client which polls without waiting
    /// gets somewhere.
    private static let latency = Duration.milliseconds(5)

    package init(_ cluster: SandboxCluster, store: SandboxStore, pace: Pace) {
        state = Mutex(State(cluster: cluster, base: cluster.now))
        self.store = store
        self.pace = pace
    }

    package var now: Timestamp {
        state.withLock { state in
            tick(&state, latency: .zero)
            return state.cluster.now
        }
    }

    package var requestLog: [RequestLog.Entry] { state.withLock { $0.log.entries } }

    /// Answers a request; `sink` is called, in order, for the events of a watch after its first lines.
    func handle(
        _ request: SandboxRequest, target: String,
        sink: @escaping @Sendable (WatchEvent) -> Void
    ) -> Answer {
        state.withLock { state in
            guard !state.isClosed else {
                return .response(SandboxResponse(status: 503, contentType: "text/plain"))
            }
            tick(&state, latency: Self.latency)
            let before = state.cluster
            switch state.cluster.handle(request) {
            case .response(let response):
                let answer = commit(&state, orBackTo: before) ?? response
                state.log.append(request.method.rawValue, target, answer.status)
                return .response(answer)
            case .slow(let response, let delay):
                let answer = commit(&state, orBackTo: before) ?? response
                state.log.append(request.method.rawValue, target, answer.status)
                return .slow(answer, delay)
            case .lost:
                state.log.append(request.method.rawValue, target, 0)
                return commit(&state, orBackTo: before).map(Answer.response) ?? .lost
            case .watch(let watch):
                state.log.append(request.method.rawValue, target, 200)
                let id = state.nextWatcher
                state.nextWatcher += 1
                state.watchers[id] = Watcher(watch: watch, sink: sink)
                defer { endExpired(&state) }
                return .watch(id: id, initial: watch.initial)
            }
        }
    }

    /// Changes what goes wrong, or looks; kept as a request's effects are.
    ///
    /// - Throws: what `body` throws, and `SandboxStoreError` where the change cannot be stored.
    package func withCluster<T: Sendable>(
        _ body: (inout SandboxCluster) throws -> T
    ) throws -> T {
        try state.withLock { state in
            let before = state.cluster
            let result = try body(&state.cluster)
            try store(&state, orBackTo: before)
            return result
        }
    }

    func removeWatcher(_ id: Int) { _ = state.withLock { $0.watchers.removeValue(forKey: id) } }

    /// Lets the time pass, and everything happen that comes due in it.
    func advance(by duration: Duration) {
        state.withLock { state in advance(&state, to: state.cluster.now + duration) }
    }

    /// Waits until others have let the time pass up to this one. Throws `CancellationError` when the task is
    /// cancelled, or the cluster closed, meanwhile.
    func pass(until time: Timestamp) async throws {
        let id = state.withLock { $0.waiters.newID() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: TimeWaiters.Continuation) in
                state.withLock { state in
                    if Task.isCancelled || state.isClosed {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        state.waiters.add(id, until: time, continuation)
                        state.waiters.wake(at: state.cluster.now)
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.waiters.cancel(id) }
        }
    }

    /// Brings a cluster at wall speed up to the present.
    func tick() { state.withLock { tick(&$0, latency: .zero) } }

    /// Ends every watch and closes the store; what comes after is refused.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            for watcher in state.watchers.values { watcher.sink(.end) }
            state.watchers = [:]
            state.waiters.cancelAll()
            // Only the time may have moved since the last commit; without it a little is lived again.
            try? store.commit(state.cluster.takeFinalCommit())
            store.close()
        }
    }

    private func tick(_ state: inout State, latency: Duration) {
        switch pace {
        case .virtual: advance(&state, to: state.cluster.now + latency)
        case .real: advance(&state, to: state.base + opened.duration(to: .now))
        }
    }

    private func advance(_ state: inout State, to time: Timestamp) {
        guard !state.isClosed, time > state.cluster.now else { return }
        let before = state.cluster
        state.cluster.advance(to: time)
        _ = commit(&state, orBackTo: before)
        endExpired(&state)
        state.waiters.wake(at: state.cluster.now)
    }

    /// As `store`, with the failure as a response.
    private func commit(_ state: inout State, orBackTo before: SandboxCluster) -> SandboxResponse? {
        do throws(SandboxStoreError) {
            try store(&state, orBackTo: before)
            return nil
        } catch {
            let status: JSONValue = [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
                "reason": "InternalError", "code": 500,
                "message": .string("the sandbox cannot store the change: \(error)"),
            ]
            return SandboxResponse(status: 500, body: status.canonicalBytes)
        }
    }

    /// Stores the changes and tells them; where they cannot be stored, the cluster is again as it was.
    private func store(
        _ state: inout State, orBackTo before: SandboxCluster
    ) throws(SandboxStoreError) {
        guard let commit = state.cluster.takeCommit() else { return }
        do throws(SandboxStoreError) {
            try store.commit(commit)
        } catch {
            state.cluster = before
            throw error
        }
        for (_, watcher) in state.watchers.sorted(by: { $0.key < $1.key }) {
            let lines = commit.changes.flatMap {
                watcher.watch.frames(for: $0, now: state.cluster.now)
            }
            if !lines.isEmpty { watcher.sink(.data(lines)) }
        }
    }

    private func endExpired(_ state: inout State) {
        for (id, watcher) in state.watchers where watcher.watch.deadline <= state.cluster.now {
            watcher.sink(.end)
            state.watchers[id] = nil
        }
    }
}
