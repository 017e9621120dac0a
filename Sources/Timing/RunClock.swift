/// The clock seam: all waiting and all timestamps of the client, the engine and the sandbox go through it.
///
/// The binary uses the system's clock; a sandbox has a clock of its own that jumps over waits.
package protocol RunClock: Sendable {
    /// Wall time. Somebody may set it, forwards or back.
    func now() -> Timestamp

    /// Time since some fixed moment. Nobody can set it; it goes on while the machine sleeps.
    var elapsed: Duration { get }

    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws

    /// Waits as something that happens beside the work, such as renewing a lock. It never moves a clock that
    /// jumps: there it ends once the sleeps of others have let so much time pass. Throws `CancellationError`
    /// when the task is cancelled meanwhile.
    func standBy(for duration: Duration) async throws
}

extension RunClock {
    /// For clocks that nobody sets.
    package var elapsed: Duration { .milliseconds(now().milliseconds) }
}
