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
        /// For workloads that are in both lists, the container ports at which they may be refused.
        package var givenUpPorts: [String: [Int]]
        /// Whether somebody must reach it who is no workload of the cluster: outside, a node, the API server.
        package var hasOutsideClients: Bool
        /// The container ports that they must reach.
        package var outsidePorts: [Int]
        /// The Services through which it is called, as `shop/cart`.
        package var services: [String]

        package init(
            workload: String, required: [String] = [], givenUp: [String] = [],
            givenUpPorts: [String: [Int]] = [:], hasOutsideClients: Bool = false,
            outsidePorts: [Int] = [], services: [String] = []
        ) {
            self.workload = workload
            self.required = required
            self.givenUp = givenUp
            self.givenUpPorts = givenUpPorts
            self.hasOutsideClients = hasOutsideClients
            self.outsidePorts = outsidePorts
            self.services = services
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

extension TrafficGuard {
    /// Whoever got through before the step counts as well, although no object of the cluster told of it: `shop/web`,
    /// as counters have it.
    fileprivate func counting(_ base: GuardLook) -> TrafficGuard {
        var guarded = self
        for number in guarded.targets.indices {
            let target = guarded.targets[number]
            let known = Set((target.required + target.givenUp).map { TargetName($0).counterName })
            let others = (base.carried[target.workload] ?? []).filter { !known.contains($0) }
            guarded.targets[number].required = target.required + others
        }
        return guarded
    }
}

/// A guard whose batch is begun, with how it was before.
package struct GuardedBatch: Sendable, Hashable {
    package var target: TrafficGuard
    package var base: GuardLook

    package init(_ target: TrafficGuard, base: GuardLook) {
        self.target = target.counting(base)
        self.base = base
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

extension [TrafficGuard] {
    /// Each target once, sorted, with all that any of the guards says of it.
    package var targets: [TrafficGuard.Target] {
        let all = flatMap(\.targets)
        return Dictionary(grouping: all, by: \.workload).values
            .map { same in same.dropFirst().reduce(same[0]) { $0.merged(with: $1) } }
            .sorted { $0.workload < $1.workload }
    }
}

extension TrafficGuard.Target {
    fileprivate func merged(with other: Self) -> Self {
        guard self != other else { return self }
        return Self(
            workload: workload, required: Set(required + other.required).sorted(),
            givenUp: Set(givenUp + other.givenUp).sorted(),
            givenUpPorts: givenUpPorts.merging(other.givenUpPorts) { Set($0 + $1).sorted() },
            hasOutsideClients: hasOutsideClients || other.hasOutsideClients,
            outsidePorts: Set(outsidePorts + other.outsidePorts).sorted(),
            services: Set(services + other.services).sorted())
    }
}
