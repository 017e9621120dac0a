import Diagnostics
import MeshModel

/// The objects of a run as they are now, without those that somebody else changed since and those that
/// went with their namespace.
struct RestorableObjects {
    struct Policy {
        var effect: NetEffect.Written
        /// nil when it is absent.
        var now: PeerAuthentication?
    }

    struct Traffic {
        var effect: NetEffect.Written
        var kind: TrafficKind
        /// nil when it is absent.
        var now: TrafficObject?
    }

    struct Labels {
        var effect: NetEffect.Labels
        var namespace: Namespace
    }

    struct Template {
        var effect: NetEffect.Template
        var workload: Workload
    }

    private(set) var policies: [Policy] = []
    private(set) var traffic: [Traffic] = []
    private(set) var labels: [Labels] = []
    /// Only those whose label is not as it was.
    private(set) var templates: [Template] = []
    private(set) var conflicts: [RollbackConflict] = []
    /// What may not be read now, and so not be compared with what the run left.
    private(set) var unread: [ObjectReference] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - policiesOnly: leave out all but policies.
    ///   - overwrite: take what somebody else changed as well.
    init(_ effect: NetEffect, in state: MeshState, policiesOnly: Bool, overwrite: Bool) {
        // Nothing can be made in a namespace that is being deleted, and its objects go with it.
        let living = Dictionary(
            state.namespaces.filter { !$0.meta.isTerminating }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        let present = Dictionary(
            state.peerAuthentications.map { ($0.text, $0) },
            uniquingKeysWith: { first, _ in first })
        var gone: Set<String> = []
        for policy in effect.policies {
            guard living[policy.namespace] != nil else {
                gone.insert(policy.namespace)
                continue
            }
            let now = present["\(policy.namespace)/\(policy.name)"]
            if !overwrite, let conflict = RollbackConflict(policy, now: now?.spec) {
                conflicts.append(conflict)
            } else {
                policies.append(Policy(effect: policy, now: now))
            }
        }
        let objects = TrafficObjects(state.flows)
        for written in policiesOnly ? [] : effect.traffic {
            guard let kind = TrafficKind(rawValue: written.object.kind) else { continue }
            guard living[written.namespace] != nil else {
                gone.insert(written.namespace)
                continue
            }
            guard !state.flows.unreadable.contains(kind.rawValue) else {
                unread.append(written.object)
                continue
            }
            let now = objects[written.object]
            if !overwrite, let conflict = RollbackConflict(written, now: now?.image.spec) {
                conflicts.append(conflict)
            } else {
                traffic.append(Traffic(effect: written, kind: kind, now: now))
            }
        }
        for labels in policiesOnly ? [] : effect.labels {
            guard let namespace = living[labels.namespace] else {
                gone.insert(labels.namespace)
                continue
            }
            if !overwrite, let conflict = RollbackConflict(labels, now: namespace) {
                conflicts.append(conflict)
            } else {
                self.labels.append(Labels(effect: labels, namespace: namespace))
            }
        }
        let workloads = Dictionary(
            state.workloads.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for template in policiesOnly ? [] : effect.templates {
            // A workload that is gone took its template along.
            guard living[template.workload.namespace] != nil,
                let workload = workloads[template.workload]
            else { continue }
            if !overwrite, let conflict = RollbackConflict(template, now: workload) {
                conflicts.append(conflict)
            } else if workload.template.labels[template.key] != template.before {
                templates.append(Template(effect: template, workload: workload))
            }
        }
        diagnostics = gone.sorted().map {
            Diagnostic(.leftOver, .note, "namespace \($0) is gone, and all that was in it")
        }
        diagnostics += unread.map {
            Diagnostic(
                .cannotJudge, .warning, "\($0.text) may not be read, and stays as it is",
                detail: "Whether somebody changed it since the run cannot be told.")
        }
    }
}
