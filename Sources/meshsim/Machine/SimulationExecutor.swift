import Foundation
import Synchronization
import Timing

/// One thread on which everything of a seed runs, in an order that the seed picks, and in a time that moves only
/// when nothing is left to do at the present moment.
///
/// Tasks that are started with it as their executor preference stay on it, with their structured children. A job
/// that comes from another thread has left the simulation somewhere: the seed has failed then.
final class SimulationExecutor: TaskExecutor {
    private struct Timer {
        var time: Timestamp
        var number: Int
        var action: @Sendable () -> Void
    }

    private struct State {
        var random: SeededRandom
        var now: Timestamp
        var ready: [UnownedJob] = []
        /// The next one last.
        var timers: [Timer] = []
        var lastNumber = 0
        var foreignJobs = 0
        var jobs = 0
    }

    private let state: Mutex<State>
    private let thread = pthread_self()

    /// - Parameter start: the time at which it begins. It belongs to the thread that makes it.
    init(random: SeededRandom, start: Timestamp) {
        state = Mutex(State(random: random, now: start))
    }

    var now: Timestamp { state.withLock(\.now) }
    /// Jobs that other threads enqueued: there are to be none.
    var foreignJobs: Int { state.withLock(\.foreignJobs) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isForeign = pthread_equal(thread, pthread_self()) == 0
        state.withLock { state in
            if isForeign { state.foreignJobs += 1 }
            state.ready.append(job)
        }
    }

    /// Calls `action` once the time has come; those of one moment in the order in which they were set.
    ///
    /// - Returns: its number, to take it back with.
    @discardableResult
    func at(_ time: Timestamp, _ action: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.lastNumber += 1
            let timer = Timer(
                time: max(time, state.now), number: state.lastNumber, action: action)
            let place = state.timers.lastIndex { $0.time > timer.time }.map { $0 + 1 } ?? 0
            state.timers.insert(timer, at: place)
            return timer.number
        }
    }

    /// False where it was called already.
    func takeBack(_ number: Int) -> Bool {
        state.withLock { state in
            guard let place = state.timers.firstIndex(where: { $0.number == number }) else {
                return false
            }
            state.timers.remove(at: place)
            return true
        }
    }

    private enum Next {
        case job(UnownedJob)
        case timer(@Sendable () -> Void)
        case nothing
    }

    /// How a run of the executor ended.
    enum End: Equatable {
        case done
        /// Somebody waits for what nobody will ever do.
        case stuck
        /// It goes on and on.
        case endless
    }

    /// Works until `isDone`.
    func run(until isDone: () -> Bool) -> End {
        for _ in 0..<Self.jobLimit {
            if isDone() { return .done }
            switch next() {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .timer(let action): action()
            case .nothing: return isDone() ? .done : .stuck
            }
        }
        return .endless
    }

    /// Far more than any story takes.
    private static let jobLimit = 5_000_000

    private func next() -> Next {
        state.withLock { state in
            if !state.ready.isEmpty {
                state.jobs += 1
                let place = state.ready.count == 1 ? 0 : state.random.below(state.ready.count)
                return .job(state.ready.remove(at: place))
            }
            guard let timer = state.timers.popLast() else { return .nothing }
            state.now = timer.time
            return .timer(timer.action)
        }
    }
}

extension SimulationExecutor {
    /// Starts a task on it.
    func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Waits in simulated time; nothing cuts it short.
    func wait(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            at(now + duration) { continuation.resume() }
        }
    }
}
