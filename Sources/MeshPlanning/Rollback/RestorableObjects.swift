import Diagnostics
import MeshModel

/// The objects of a run as they are now, without those that somebody else changed since and those that
/// went with their namespace.
struct RestorableObjects {
    struct Policy {
        var effect: NetEffect.Policy
        /// nil when it is absent.
        var now: PeerAuthentication?
    }

    struct Labels {
        var effect: NetEffect.Labels
        var namespace: Namespace
    }

    private(set) var policies: [Policy] = []
    private(set) var labels: [Labels] = []
    private(set) var conflicts: [RollbackConflict] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - policiesOnly: leave the labels of namespaces out.
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
            if !overwrite, let conflict = RollbackConflict(policy, now: now) {
                conflicts.append(conflict)
            } else {
                policies.append(Policy(effect: policy, now: now))
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
        diagnostics = gone.sorted().map {
            Diagnostic(.leftOver, .note, "namespace \($0) is gone, and all that was in it")
        }
    }
}
