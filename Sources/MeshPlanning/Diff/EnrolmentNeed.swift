package import Diagnostics
package import MeshModel

/// What it takes to give a namespace the labels and pods of another data plane.
///
/// The new plane's label comes first, then the restarts, then the old plane's label goes, so that a pod
/// which restarts in between is never left without a plane. From sidecars to ambient the injection label
/// has to go before the restarts, because injection beats ambient on the same pod.
package struct EnrolmentNeed: Sendable, Equatable {
    package struct Restart: Sendable, Equatable {
        package var change: WorkloadRestart
        package var marks: [StepMark]
        /// Pods that may be down or extra at the same time.
        package var podsAtOnce: Int
    }

    package var namespace: String
    package var wave: String?
    /// In order, before the restarts.
    package var labelsFirst: [NamespaceLabelChange]
    package var restarts: [Restart]
    package var labelsLast: [NamespaceLabelChange]
    /// The namespace gives a data plane up and gets none.
    package var leaves: Bool
    package var diagnostics: [Diagnostic]

    package var isEmpty: Bool { labelsFirst.isEmpty && restarts.isEmpty && labelsLast.isEmpty }

    /// - Parameter target: the labels that the namespace should end with; nil is absence.
    package init(
        _ namespace: Namespace, wave: String?, target: [String: String?], state: MeshState,
        workloads: WorkloadIndex
    ) {
        let labels = namespace.meta.labels
        let changes = target.filter { labels[$0.key] != $0.value }
        let final = labels.setting(changes)
        let (old, new) = (Self.plane(labels), Self.plane(final))
        let isSwap = old != .none && new != .none && old != new

        var groups =
            isSwap
            ? [changes.filter { $0.value != nil }, changes.filter { $0.value == nil }] : [changes]
        groups = groups.filter { !$0.isEmpty }
        var current = labels
        var steps: [NamespaceLabelChange] = []
        for group in groups {
            steps.append(
                NamespaceLabelChange(
                    namespace: namespace.name, uid: namespace.meta.uid,
                    before: Dictionary(
                        uniqueKeysWithValues: group.keys.map { ($0, current[$0]) }),
                    after: group))
            current = current.setting(group)
        }
        self.namespace = namespace.name
        self.wave = wave
        leaves = old != .none && new == .none
        let isToSidecar = isSwap && new == .sidecar
        labelsFirst = isToSidecar ? Array(steps.prefix(1)) : steps
        labelsLast = isToSidecar ? Array(steps.dropFirst(1)) : []
        let needs = RestartNeeds(
            namespace: namespace, labels: final, state: state, workloads: workloads)
        restarts = needs.restarts
        diagnostics = needs.diagnostics
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
