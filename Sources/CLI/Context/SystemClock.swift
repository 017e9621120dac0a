import Foundation
package import Timing

/// The clock of the machine.
package struct SystemClock: RunClock {
    package init() {}

    package func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
