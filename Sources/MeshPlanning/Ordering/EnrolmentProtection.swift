import Diagnostics
import MeshModel

/// Enrolment must not refuse a flow: no pod may come into a data plane under STRICT. Where the plan says
/// what the namespace ends with, a PERMISSIVE goes before; where it does not, a person decides.
enum EnrolmentProtection {
    static func diagnostics(
        for rollout: Rollout, of namespaces: [ResolvedNamespace], on observed: MeshState
    ) -> [Diagnostic] {
        let enrolled = observed.applying(
            rollout.steps.filter { $0.phase == .enroll }.map(\.change))
        let policies = PeerAuthenticationIndex(
            enrolled.peerAuthentications, rootNamespace: enrolled.rootNamespace,
            version: observed.flows.settings.version)
        var deciding: [String: Set<String>] = [:]
        for pod in enrolled.podsGainingDataplane(since: observed) {
            let now = EffectiveChange.Enforcement(of: pod, policies: policies)
            guard now.mode == .strict || now.ports.values.contains(.strict) else { continue }
            let decision = EffectiveMode.decide(
                namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: policies)
            deciding[pod.meta.namespace, default: []].formUnion(decision.decidedBy)
        }
        return namespaces.compactMap { resolved in
            deciding[resolved.name].map { diagnostic(resolved, decidedBy: $0.sorted()) }
        }
    }

    private static func diagnostic(
        _ resolved: ResolvedNamespace, decidedBy policies: [String]
    ) -> Diagnostic {
        let hasMode = resolved.entry.mtls.map { $0 != .unset } ?? false
        let next =
            hasMode
            ? "Make that policy PERMISSIVE first, or list its selector under `exceptions`."
            : "Say which mode the namespace should end with, and meshctl keeps plaintext alive on "
                + "the way:"
        return Diagnostic(
            .enrolmentInheritsStrict,
            "pods of \(resolved.name) would come under STRICT the moment they are enrolled",
            detail: "STRICT holds there by \(policies.joined(separator: " and ")), and nothing "
                + "enforces it today. " + next,
            remedy: hasMode ? nil : "- name: \(resolved.name)\n  mtls: STRICT   # or PERMISSIVE",
            at: resolved.entry.range)
    }
}
