package import Diagnostics

/// `spec.rollout`
package struct RolloutSettings: Sendable, Equatable {
    package struct Limits: Sendable, Equatable {
        /// At least 1.
        package var namespacesAtOnce = 1
        /// Surge plus unavailable, summed over the workloads that restart together; at least 1.
        package var podsRestartingAtOnce = 20
        /// How long a written step may take to be confirmed before the run stops, resumable.
        package var confirm: Duration = .seconds(600)

        package init() {}
    }

    package struct AbortOn: Sendable, Equatable {
        package enum Scope: String, Sendable, Codable, CaseIterable { case step, wave, run }

        package var refusedConnections = 5
        package var window: Duration = .seconds(120)
        package var scope: Scope = .wave

        package init() {}
    }

    /// Names of waves in their order; namespaces without a wave come after the last.
    package var waves: [String] = []
    package var limits = Limits()
    package var soak: [Stage: Duration] = [:]
    /// Waited between dependent steps where propagation cannot be proved.
    package var settle: Duration = .seconds(30)
    package var abortOn: AbortOn?
    package var range: SourceRange?
    /// Where each key that the plan file sets is written.
    package var keyRanges: [String: SourceRange] = [:]

    package init() {}
}
