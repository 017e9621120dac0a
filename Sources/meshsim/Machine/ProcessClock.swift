import Synchronization
import Timing

/// The clock of one simulated process: its wall clock may be wrong, and may be set; waits go by true time.
final class ProcessClock: RunClock {
    private let process: SimulatedProcess

    init(_ process: SimulatedProcess) { self.process = process }

    func now() -> Timestamp { process.executor.now + process.wallClockError }

    var elapsed: Duration { process.executor.now - Timestamp(milliseconds: 0) }

    func standBy(for duration: Duration) async throws { try await sleep(for: duration) }

    func sleep(for duration: Duration) async throws {
        try process.pass("sleep")
        let executor = process.executor
        let wait = Mutex<Wait>(.fresh)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let isOver = wait.withLock { wait in
                    if case .over = wait { return true }
                    let number = executor.at(executor.now + duration) { continuation.resume() }
                    wait = .going(number, continuation)
                    return false
                }
                if isOver { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiting = wait.withLock { wait in
                defer { wait = .over }
                if case .going(let number, let continuation) = wait,
                    executor.takeBack(number)
                {
                    return continuation as CheckedContinuation<Void, any Error>?
                }
                return nil
            }
            waiting?.resume(throwing: CancellationError())
        }
        try process.pass("awake")
    }

    private enum Wait {
        case fresh
        case going(Int, CheckedContinuation<Void, any Error>)
        case over
    }
}
