/// When a request is sent again, and after how long. Pure: the client supplies the facts.
package struct RetryPolicy: Sendable, Hashable {
    package var maximumAttempts: Int
    package var firstDelay: Duration
    package var maximumDelay: Duration
    /// No retry begins later than this after the first attempt.
    package var totalTime: Duration

    package init(
        maximumAttempts: Int = 6, firstDelay: Duration = .milliseconds(250),
        maximumDelay: Duration = .seconds(10), totalTime: Duration = .seconds(60)
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.totalTime = totalTime
    }

    package static let none = RetryPolicy(maximumAttempts: 1)

    /// What is known after a failed attempt.
    struct Attempt {
        /// 1 for the first.
        var number: Int
        var elapsed: Duration
        var isWrite: Bool
        /// The server has answered this client before.
        var serverHasAnswered: Bool
        /// A factor to spread clients, 0.5...1.
        var jitter: Double
    }

    /// How long to wait before trying again; nil when trying again is wrong or no longer allowed.
    func delay(after status: APIStatus, _ attempt: Attempt) -> Duration? {
        guard status.isTransient, !attempt.isWrite || status.isTooManyRequests else { return nil }
        let asked = status.retryAfterSeconds.map { Duration.seconds(min($0, 86_400)) }
        return bounded(attempt, atLeast: asked ?? .zero)
    }

    /// How long to wait before trying again; nil when trying again is wrong or no longer allowed.
    func delay(after error: TransportError, _ attempt: Attempt) -> Duration? {
        if error.isConnectFailure, !attempt.serverHasAnswered { return nil }
        if attempt.isWrite, error.mayHaveReachedServer { return nil }
        return error.isTransient ? bounded(attempt, atLeast: .zero) : nil
    }

    private func bounded(_ attempt: Attempt, atLeast minimum: Duration) -> Duration? {
        guard attempt.number < maximumAttempts else { return nil }
        var delay = firstDelay
        for _ in 1..<max(1, attempt.number) where delay < maximumDelay { delay *= 2 }
        delay = max(min(delay, maximumDelay) * min(max(attempt.jitter, 0), 1), minimum)
        return attempt.elapsed + delay <= totalTime ? delay : nil
    }
}
