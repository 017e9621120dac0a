package import Timing

/// The sandbox's own time as a run sees it.
///
/// In virtual time a wait is jumped: the cluster lives through it at once. At wall speed it is waited for.
package final class SandboxClock: RunClock {
    private let served: ServedCluster
    private let pace: ServedCluster.Pace

    init(_ served: ServedCluster, pace: ServedCluster.Pace) {
        self.served = served
        self.pace = pace
    }

    package func now() -> Timestamp { served.now }

    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        switch pace {
        case .virtual:
            served.advance(by: duration)
            await Task.yield()
        case .real: try await Task.sleep(for: duration)
        }
    }

    package func standBy(for duration: Duration) async throws {
        switch pace {
        case .virtual: try await served.pass(until: served.now + duration)
        case .real: try await Task.sleep(for: duration)
        }
    }
}
