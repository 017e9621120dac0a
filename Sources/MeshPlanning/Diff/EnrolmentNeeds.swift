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
        for resolved in namespaces where resolved.entry.dataplane != nil {
            let target = EnrolmentTarget.labels(for: resolved)
            diagnostics += EnrolmentTarget.obstacles(
                to: target, of: resolved, revisions: state.revisions)
            let need = EnrolmentNeed(
                resolved.namespace, wave: resolved.entry.wave, target: target, state: state,
                workloads: workloads)
            diagnostics += need.diagnostics
            guard !need.isEmpty else { continue }
            needs.append(need)
            if gains(need, state: state) { gaining.insert(need.namespace) }
        }
    }

    private func gains(_ need: EnrolmentNeed, state: MeshState) -> Bool {
        let changes =
            need.labelsFirst.map(Change.labels) + need.restarts.map { Change.restart($0.change) }
        let after = state.applying(changes)
        return zip(state.pods, after.pods).contains { old, new in
            old.isLive && old.meta.namespace == need.namespace && old.dataplane == .none
                && (new.dataplane == .sidecar || new.dataplane == .ambient)
        }
    }
}
