package import Diagnostics
package import MeshModel

/// What it takes to give a namespace the labels and pods of another data plane.
///
/// A pod that restarts in between is never left without a plane. So the ambient label is there before the
/// injection labels go, and goes only after the restarts that replace ztunnel by sidecars. From sidecars
/// to ambient the injection labels go before the restarts, because injection beats ambient on a pod.
package struct EnrolmentNeed: Sendable, Equatable {
    package struct Restart: Sendable, Equatable {
        package var change: WorkloadRestart
        package var marks: [StepMark]
        /// Pods that may be down or extra at the same time.
        package var podsAtOnce: Int
    }

    package var namespace: String
    package var wave: String?
    /// Restarts that come before any label, so that the label finds no running pod to capture.
    package var rolls: [Restart]
    /// In order, before the restarts.
    package var labelsFirst: [NamespaceLabelChange]
    package var restarts: [Restart]
    /// Workloads that ought to restart and would not; `diagnostics` says why.
    package var blocked: [WorkloadID]
    package var labelsLast: [NamespaceLabelChange]
    /// The namespace gives a data plane up and gets none.
    package var leaves: Bool
    package var diagnostics: [Diagnostic]

    package var isEmpty: Bool {
        rolls.isEmpty && labelsFirst.isEmpty && restarts.isEmpty && labelsLast.isEmpty
    }

    /// - Parameters:
    ///   - target: the labels that the namespace should end with; nil is absence.
    ///   - isRolling: pods come into the ambient mesh by their own label and a restart, not as they run.
    ///   - doors: the selectors of the namespace's Services of type LoadBalancer.
    ///   - acceptUnmanaged: why pods that nothing makes again may stay as they are.
    package init(
        _ namespace: Namespace, wave: String?, target: [String: String?], isRolling: Bool = false,
        state: MeshState, workloads: WorkloadIndex, doors: [LabelSelector] = [],
        acceptUnmanaged: String? = nil
    ) {
        let labels = namespace.meta.labels
        let changes = target.filter { labels[$0.key] != $0.value }
        let final = labels.setting(changes)
        let (old, new) = (Self.plane(labels), Self.plane(final))
        let ambient = changes.filter { $0.key == LabelKeys.dataplaneMode }
        // All injection labels in one patch: any `istio-injection` beats `istio.io/rev`.
        let injection = changes.filter { $0.key != LabelKeys.dataplaneMode }

        self.namespace = namespace.name
        self.wave = wave
        leaves = old != .none && new == .none
        switch new {
        case .sidecar:
            labelsFirst = Self.patches([injection], of: namespace)
            labelsLast = Self.patches([ambient], of: namespace)
        case .ambient:
            labelsFirst = Self.patches([ambient, injection], of: namespace)
            labelsLast = []
        case .none, .gateway, .waypoint:
            labelsFirst = Self.patches([changes], of: namespace)
            labelsLast = []
        }
        let needs = RestartNeeds(
            namespace: namespace.name, present: labels, labels: final, injection: state.injection,
            planes: state.surroundings.controlPlanes ?? [], workloads: workloads, doors: doors,
            acceptUnmanaged: acceptUnmanaged)
        let rolling = RollingNeeds(
            namespace, labels: final,
            isRolling: isRolling && new == .ambient && !ambient.isEmpty,
            injection: state.injection, workloads: workloads)
        rolls = rolling.rolls
        let rolled = Set(rolls.map(\.change.workload))
        restarts = needs.restarts.filter { !rolled.contains($0.change.workload) }
        blocked = needs.blocked + rolling.blocked
        diagnostics = needs.diagnostics + rolling.diagnostics
    }

    private static func patches(
        _ groups: [[String: String?]], of namespace: Namespace
    ) -> [NamespaceLabelChange] {
        groups.filter { !$0.isEmpty }.map { group in
            let before = group.keys.map { ($0, namespace.meta.labels[$0]) }
            return NamespaceLabelChange(
                namespace: namespace.name, uid: namespace.meta.uid,
                before: Dictionary(uniqueKeysWithValues: before), after: group)
        }
    }

    /// The plane that namespace labels ask for; injection wins.
    private static func plane(_ labels: [String: String]) -> PodDataplane {
        if labels[LabelKeys.injection] == "enabled" { return .sidecar }
        if labels[LabelKeys.revision] != nil, labels[LabelKeys.injection] == nil { return .sidecar }
        return labels[LabelKeys.dataplaneMode] == "ambient" ? .ambient : .none
    }
}

extension [String: String] {
    /// These labels after a change; nil removes.
    package func setting(_ changes: [String: String?]) -> [String: String] {
        var labels = self
        for (key, value) in changes { labels[key] = value }
        return labels
    }
}
