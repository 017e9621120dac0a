import Synchronization
package import Timing

/// How long requests put up with a server that cannot be had.
///
/// The requests of a run share one: they pause together, and give up together.
package final class Endurance: Sendable {
    /// A time in which the server cannot be had.
    package struct Outage: Sendable {
        package var since: Timestamp
        package var now: Timestamp
        /// When it is given up.
        package var until: Timestamp
        /// What came of the latest request.
        package var failure: KubernetesError
    }

    package enum Report: Sendable {
        /// Told before each pause.
        case away(Outage)
        case back(after: Duration)
        /// Told once, before the request fails.
        case givenUp(Outage)
    }

    private struct State {
        /// nil while the server answers.
        var since: Timestamp?
        var outages = 0
        /// How much time the outages that are over took.
        var lost = Duration.zero
        /// Up to when time is in `lost`.
        var counted: Timestamp?
        var pause: Pause?
        var isOver = false
    }

    /// One of the requests waits, and ends it for all.
    private struct Pause {
        /// Finished, it ends the wait early.
        var interruption: AsyncStream<Never>.Continuation
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private enum Decision {
        case giveUp
        case pause(Duration, unless: AsyncStream<Never>)
        /// For the end of somebody else's pause.
        case join
    }

    private let limit: Duration
    private let clock: any RunClock
    private let tell: @Sendable (Report) -> Void
    private let state = Mutex(State())

    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(15)

    /// - Parameters:
    ///   - limit: how long an outage may last; zero for none at all.
    ///   - tell: called from the requests, one after another or at the same time.
    package init(
        limit: Duration, clock: any RunClock, tell: @escaping @Sendable (Report) -> Void
    ) {
        self.limit = limit
        self.clock = clock
        self.tell = tell
    }

    /// How many outages there were, with the present one.
    package var outages: Int { state.withLock(\.outages) }

    /// No request is sent again any more.
    package var isOver: Bool { state.withLock(\.isOver) }

    /// How much time was lost to outages so far.
    package var lost: Duration {
        let now = clock.now()
        return state.withLock { state in
            guard let since = state.since else { return state.lost }
            return state.lost + (now - max(since, state.counted ?? since))
        }
    }

    /// Ends what waits for the server, and what would.
    package func end() {
        let interruption = state.withLock { state in
            state.isOver = true
            return state.pause?.interruption
        }
        interruption?.finish()
    }

    /// Pauses before something is tried again: a second at first, longer the longer it fails, 15 s at most.
    ///
    /// - Parameter start: since when it fails.
    /// - Returns: false when it is not to be tried again.
    package func wait(from start: Timestamp, after failure: KubernetesError) async -> Bool {
        let now = clock.now()
        let (decision, report) = state.withLock { state in
            next(&state, from: start, now: now, after: failure)
        }
        if let report { tell(report) }
        switch decision {
        case .giveUp: return false
        case .pause(let duration, let interruption): await pause(duration, interruption)
        case .join: await join()
        }
        return !isOver
    }

    /// Who comes while another one pauses pauses with it.
    private func next(
        _ state: inout State, from start: Timestamp, now: Timestamp, after failure: KubernetesError
    ) -> (Decision, Report?) {
        if state.isOver { return (.giveUp, nil) }
        if state.pause != nil { return (.join, nil) }
        if state.since == nil { state.outages += 1 }
        let since = min(state.since ?? start, start)
        state.since = since
        let outage = Outage(since: since, now: now, until: since + limit, failure: failure)
        guard now < outage.until else {
            state.isOver = true
            return (.giveUp, .givenUp(outage))
        }
        let asked = Duration.seconds(min(failure.status?.retryAfterSeconds ?? 0, 3600))
        let usual = min(max((now - since) / 2, Self.shortestPause), Self.longestPause)
        let (stream, interruption) = AsyncStream.makeStream(of: Never.self)
        state.pause = Pause(interruption: interruption)
        let duration = min(max(usual, asked), outage.until - now)
        return (.pause(duration, unless: stream), .away(outage))
    }

    /// Until the time is over, or nothing waits any more; then those who came meanwhile go on too.
    private func pause(_ duration: Duration, _ interruption: AsyncStream<Never>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in try? await clock.sleep(for: duration) }
            group.addTask { for await _ in interruption {} }
            await group.next()
            group.cancelAll()
        }
        let waiting = state.withLock { state in
            defer { state.pause = nil }
            return state.pause?.waiting ?? []
        }
        for waiter in waiting { waiter.resume() }
    }

    private func join() async {
        await withCheckedContinuation { continuation in
            let isTooLate = state.withLock { state in
                state.pause?.waiting.append(continuation)
                return state.pause == nil
            }
            if isTooLate { continuation.resume() }
        }
    }

    func answered() {
        guard state.withLock({ $0.since != nil }) else { return }
        let now = clock.now()
        let report: Report? = state.withLock { state in
            guard let since = state.since else { return nil }
            state.lost += now - max(since, state.counted ?? since)
            state.counted = now
            state.since = nil
            return .back(after: now - since)
        }
        if let report { tell(report) }
    }
}
