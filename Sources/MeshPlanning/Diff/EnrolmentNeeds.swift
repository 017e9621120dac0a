import Diagnostics
import MeshModel

/// The enrolment needs of all namespaces of a plan.
struct EnrolmentNeeds {
    private(set) var needs: [EnrolmentNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Namespaces in which a pod comes into a data plane.
    private(set) var gaining: Set<String> = []

    init(_ namespaces: [ResolvedNamespace], state: MeshState) {
        let workloads = WorkloadIndex(state)
        let doors = Dictionary(
            grouping: state.flows.services.filter {
                $0.type == "LoadBalancer" && !$0.selector.isEmpty
            }, by: \.meta.namespace)
        for resolved in namespaces where resolved.entry.dataplane != nil {
            let target = EnrolmentTarget.labels(for: resolved)
            diagnostics += EnrolmentTarget.obstacles(
                to: target, of: resolved, revisions: state.revisions)
            let need = EnrolmentNeed(
                resolved.namespace, wave: resolved.entry.wave, target: target,
                isRolling: resolved.entry.enrolment == .rolling, state: state,
                workloads: workloads,
                doors: (doors[resolved.name] ?? []).map { LabelSelector($0.selector) },
                acceptUnmanaged: resolved.entry.acceptUnmanaged)
            diagnostics += need.diagnostics
            if !need.isEmpty { needs.append(need) }
        }
        let enrolled = state.applying(needs.flatMap(\.changes))
        gaining = Set(enrolled.podsGainingDataplane(since: state).map(\.meta.namespace))
    }
}

extension EnrolmentNeed {
    fileprivate var changes: [Change] {
        rolls.map { .restart($0.change) } + labelsFirst.map(Change.labels)
            + restarts.map { .restart($0.change) }
            + labelsLast.map(Change.labels)
    }
}

extension MeshState {
    /// The pods that had no data plane before the changes that made this state, and have one now.
    func podsGainingDataplane(since before: MeshState) -> [Pod] {
        zip(before.pods, pods).compactMap { old, new in
            old.isLive && old.dataplane == .none && new.enforces ? new : nil
        }
    }
}
