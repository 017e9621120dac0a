package import MeshModel
import Timing

/// Workloads that a batch makes stricter, or captures, and whose refusals are watched from then on.
///
/// It is complete: who is counted on is fixed when the rollout is planned.
package struct TrafficGuard: Sendable, Hashable, Codable {
    package struct Target: Sendable, Hashable, Codable {
        /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
        package var workload: String
        /// Workloads that must reach it, as `shop/Deployment/web`: their refusals count.
        package var required: [String]
        /// Workloads that may be refused, as the plan file or a person decided: listed, not counted.
        package var givenUp: [String]
        /// Whether somebody must reach it who is no workload of the cluster: outside, a node, the API server.
        package var hasOutsideClients: Bool

        package init(
            workload: String, required: [String] = [], givenUp: [String] = [],
            hasOutsideClients: Bool = false
        ) {
            self.workload = workload
            self.required = required
            self.givenUp = givenUp
            self.hasOutsideClients = hasOutsideClients
        }
    }

    /// `Step.batch`
    package var batch: Int
    package var targets: [Target]

    package init(batch: Int, targets: [Target]) {
        self.batch = batch
        self.targets = targets
    }
}

/// When refusals end a run, and what is then relaxed (`rollout.abortOn`).
package struct AbortRule: Sendable, Hashable, Codable {
    /// This many or more refusals of required flows end the run; at least 1.
    package var refusedConnections: Int
    /// Within this time, in milliseconds.
    package var windowMilliseconds: Int64
    package var scope: RolloutSettings.AbortOn.Scope

    package init(_ settings: RolloutSettings.AbortOn = RolloutSettings.AbortOn()) {
        refusedConnections = settings.refusedConnections
        windowMilliseconds = settings.window.wholeMilliseconds
        scope = settings.scope
    }
}
