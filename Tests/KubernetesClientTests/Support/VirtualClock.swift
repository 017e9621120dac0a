import Synchronization
import Timing

/// A clock that jumps over every wait and remembers it.
final class VirtualClock: RunClock {
    private struct State {
        var now = Timestamp(milliseconds: 1_000_000)
        var waits: [Duration] = []
    }

    private let state = Mutex(State())
    private let onSleep: @Sendable () -> Void

    init(onSleep: @escaping @Sendable () -> Void = {}) { self.onSleep = onSleep }

    var waits: [Duration] { state.withLock(\.waits) }

    func now() -> Timestamp { state.withLock(\.now) }

    func advance(_ duration: Duration) {
        state.withLock { $0.now = $0.now + duration }
    }

    func sleep(for duration: Duration) async throws {
        onSleep()
        try Task.checkCancellation()
        state.withLock {
            $0.now = $0.now + duration
            $0.waits.append(duration)
        }
    }

    func standBy(for _: Duration) async throws { try await Task.sleep(for: .seconds(600)) }
}
