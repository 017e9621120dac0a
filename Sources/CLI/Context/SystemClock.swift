import Foundation
package import Timing

/// The clock of the machine.
package struct SystemClock: RunClock {
    private static let start = ContinuousClock.now

    package init() {}

    package func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package var elapsed: Duration { Self.start.duration(to: .now) }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }

    package func standBy(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
