import Synchronization
import Timing

/// One process that runs one command. All that it does to the world goes through `pass`, and once it is dead
/// nothing does: the command unwinds without an effect, and what it says is not heard.
final class SimulatedProcess: Sendable {
    /// It is dead, and has no effect any more.
    struct Dead: Error {}

    /// `a3`: the third process of operator `a`.
    let name: String
    let operatorName: String
    let executor: SimulationExecutor
    private let trace: SimulationTrace
    private let state: Mutex<State>

    /// When it dies: counted over all seams, or over those at which it sends a write or hears of it.
    struct Death: Sendable {
        var seam: Int
        var countsWrites: Bool
    }

    private struct State {
        var seams = 0
        var writeSeams = 0
        /// nil for not at all.
        var death: Death?
        var isDead = false
        var hardships: Set<Hardship> = []
        var wallClockError = Duration.zero
        var task: Task<Void, Never>?
        var onDeath: (@Sendable () -> Void)?
        var stopRequests: [AsyncStream<Void>.Continuation] = []
    }

    init(
        number: Int, of operatorName: String, executor: SimulationExecutor,
        trace: SimulationTrace, death: Death?, wallClockError: Duration
    ) {
        name = "\(operatorName)\(number)"
        self.operatorName = operatorName
        self.executor = executor
        self.trace = trace
        state = Mutex(State(death: death, wallClockError: wallClockError))
    }

    var isDead: Bool { state.withLock(\.isDead) }
    /// How many seams it has passed.
    var seams: Int { state.withLock(\.seams) }

    /// How far its wall clock is ahead of true time.
    var wallClockError: Duration {
        get { state.withLock(\.wallClockError) }
        set { state.withLock { $0.wallClockError = newValue } }
    }

    /// What may excuse how it ended.
    enum Hardship: Sendable {
        /// A request of its was not answered as it should have been.
        case trouble
        /// It was answered with a list that was not of now.
        case oldList
    }

    var hardships: Set<Hardship> { state.withLock(\.hardships) }

    func meet(_ hardship: Hardship) { state.withLock { _ = $0.hardships.insert(hardship) } }

    /// The task in which its command runs.
    func own(_ task: Task<Void, Never>) { state.withLock { $0.task = task } }

    /// A place at which the process touches the world, or is touched: where it may die.
    ///
    /// - Parameter isWrite: of a write to the cluster.
    /// - Throws: `Dead`, now or since before.
    func pass(_ seam: String, isWrite: Bool = false) throws(Dead) {
        let (isDead, isDying) = state.withLock { state in
            guard !state.isDead else { return (true, false) }
            state.seams += 1
            if isWrite { state.writeSeams += 1 }
            guard let death = state.death else { return (false, false) }
            let isDying =
                death.countsWrites
                ? isWrite && state.writeSeams == death.seam : state.seams == death.seam
            return (false, isDying)
        }
        guard !isDead else { throw Dead() }
        note(seam)
        guard isDying else { return }
        die()
        throw Dead()
    }

    func die() {
        let (task, action) = state.withLock { state in
            defer { (state.isDead, state.onDeath) = (true, nil) }
            return (state.task, state.onDeath)
        }
        note("dies")
        action?()
        task?.cancel()
    }

    /// What happens when it dies, before anything else does.
    func onDeath(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onDeath = action }
    }

    /// It has ended by itself: nothing befalls it any more.
    func end() {
        state.withLock { state in
            (state.isDead, state.onDeath, state.stopRequests, state.task) = (true, nil, [], nil)
        }
    }

    /// Ctrl-C.
    func requestStop() {
        guard !isDead else { return }
        note("is asked to stop")
        for listener in state.withLock(\.stopRequests) { listener.yield() }
    }

    func stopRequests() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { $0.stopRequests.append(continuation) }
        return stream
    }

    func note(_ words: String) { trace.note("\(executor.now.milliseconds) \(name) \(words)") }
}
