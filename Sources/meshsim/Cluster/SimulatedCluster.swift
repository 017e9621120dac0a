import HTTPTypes
import JSON
import KubernetesSandbox
import Synchronization
import Timing

/// The sandbox's cluster at the executor's time, with a log of who changed what, and an eye on its traffic.
final class SimulatedCluster: Sendable {
    /// A change that a request made: none where the object was so already.
    struct Write: Sendable {
        /// The process's operator, or whoever else it was.
        var writer: String
        var key: ObjectKey
        var old: JSONValue?
        var new: JSONValue?
        var time: Timestamp

        var oldVersion: String { old?[path: "metadata", "resourceVersion"]?.string ?? "" }
        var newVersion: String { new?[path: "metadata", "resourceVersion"]?.string ?? "" }
        var uid: String { (new ?? old)?[path: "metadata", "uid"]?.string ?? "" }
    }

    private struct State {
        var cluster: SandboxCluster
        var writes: [Write] = []
        var refused: [String] = []
        /// How it was, for lists that are not of now; oldest first.
        var past: [(time: Timestamp, cluster: SandboxCluster)] = []
    }

    private let state: Mutex<State>
    private let keepsPast: Bool
    private let executor: SimulationExecutor
    private let trace: SimulationTrace

    /// - Parameter keepsPast: whether lists may be asked for that are not of now.
    init(
        _ cluster: SandboxCluster, _ executor: SimulationExecutor, _ trace: SimulationTrace,
        keepsPast: Bool
    ) {
        state = Mutex(State(cluster: cluster))
        self.keepsPast = keepsPast
        self.executor = executor
        self.trace = trace
    }

    /// As it is now.
    var present: SandboxCluster {
        state.withLock { state in
            catchUp(&state)
            return state.cluster
        }
    }

    /// In the order in which the server made them.
    var writes: [Write] { state.withLock(\.writes) }

    /// Traffic of the scenario that did not get through, each once.
    var refusedTraffic: [String] { state.withLock(\.refused) }

    /// Answers a request of somebody's.
    func handle(_ request: SandboxRequest, by writer: String) -> SandboxAnswer {
        state.withLock { state in
            catchUp(&state)
            let answer = state.cluster.handle(request)
            let changes = state.cluster.takeChanges()
            if !changes.isEmpty { remember(&state) }
            if request.method != .get, let change = changes.first {
                let write = Write(
                    writer: writer, key: change.key, old: change.old, new: change.new,
                    time: executor.now)
                state.writes.append(write)
                trace.note(
                    "\(executor.now.milliseconds) server: \(writer) wrote \(change.key.resource) "
                        + "\(change.key.namespace)/\(change.key.name) \(write.oldVersion)→\(write.newVersion)"
                )
            }
            watchTraffic(&state)
            return answer
        }
    }

    /// A list as it was then.
    func list(_ request: SandboxRequest, before age: Duration) -> SandboxAnswer {
        state.withLock { state in
            catchUp(&state)
            let time = executor.now + (.zero - age)
            trace.note("\(executor.now.milliseconds) server: a list of \(time.milliseconds)")
            var cluster = state.past.last { $0.time <= time }?.cluster ?? state.cluster
            return cluster.handle(request)
        }
    }

    private func remember(_ state: inout State) {
        guard keepsPast, state.past.last?.time != executor.now else { return }
        let oldest = executor.now + (.zero - APIWeather.oldest)
        if let first = state.past.lastIndex(where: { $0.time <= oldest }) {
            state.past.removeFirst(first)
        }
        state.past.append((executor.now, state.cluster))
    }

    /// Lets happen what is due by now, one moment after the other.
    private func catchUp(_ state: inout State) {
        let now = executor.now
        while let next = state.cluster.nextEventTime, next < now {
            state.cluster.advance(to: next)
            watchTraffic(&state)
        }
        state.cluster.advance(to: now)
        watchTraffic(&state)
        if state.past.isEmpty { remember(&state) }
        _ = state.cluster.takeChanges()
    }

    private func watchTraffic(_ state: inout State) {
        for refused in state.cluster.takeRefusedTraffic() {
            let words =
                "\(refused.client) → \(refused.target) is \(refused.outcome): \(refused.reason)"
            guard !state.refused.contains(words) else { continue }
            state.refused.append(words)
            trace.note("\(executor.now.milliseconds) traffic: \(words)")
        }
    }
}
