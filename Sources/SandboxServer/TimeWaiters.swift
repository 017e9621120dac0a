import Timing

/// Who waits for a cluster's time to pass without moving it.
struct TimeWaiters {
    typealias Continuation = CheckedContinuation<Void, any Error>

    private struct Waiter {
        let time: Timestamp
        let continuation: Continuation
    }

    private var waiters: [Int: Waiter] = [:]
    private var nextID = 0

    mutating func newID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    mutating func add(_ id: Int, until time: Timestamp, _ continuation: Continuation) {
        waiters[id] = Waiter(time: time, continuation: continuation)
    }

    /// It is that time now: whose wait is over goes on, in the order of their times.
    mutating func wake(at now: Timestamp) {
        guard waiters.values.contains(where: { $0.time <= now }) else { return }
        let due = waiters.filter { $0.value.time <= now }
        for (id, waiter) in due.sorted(by: { ($0.value.time, $0.key) < ($1.value.time, $1.key) }) {
            waiters[id] = nil
            waiter.continuation.resume()
        }
    }

    mutating func cancel(_ id: Int) {
        waiters.removeValue(forKey: id)?.continuation.resume(throwing: CancellationError())
    }

    mutating func cancelAll() {
        for id in waiters.keys.sorted() { cancel(id) }
    }
}
