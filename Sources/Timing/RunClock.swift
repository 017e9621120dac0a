/// The clock seam: all waiting and all timestamps of the client, the engine and the sandbox go through it.
///
/// The binary uses the system's clock; a sandbox has a clock of its own that jumps over waits.
package protocol RunClock: Sendable {
    func now() -> Timestamp

    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws
}
