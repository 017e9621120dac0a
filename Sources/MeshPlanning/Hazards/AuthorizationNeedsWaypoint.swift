package import Diagnostics
import MeshModel

/// AuthorizationPolicies for workloads, with rules about HTTP, that come to stand before ambient pods.
///
/// ztunnel reads no HTTP. Of an ALLOW policy istiod leaves such rules out, so that nothing is allowed by
/// them; of a DENY policy it leaves the HTTP parts out, and what remains is another rule
/// (istio `pilot/pkg/serviceregistry/ambient/authorization.go:handleRule`).
package enum AuthorizationNeedsWaypoint: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let relevant = (context.observed.surroundings.authorizationPolicies ?? []).filter {
            ($0.action == .allow || $0.action == .deny) && !$0.httpFields.isEmpty
        }
        let index = AuthorizationPolicyIndex(
            relevant, rootNamespace: context.observed.rootNamespace)
        guard !index.isEmpty else { return [] }
        var pods: [String: (policy: AuthorizationPolicy, pods: [Pod])] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && old.dataplane != .ambient && new.dataplane == .ambient {
            for policy in index.policies(for: new) {
                pods[policy.meta.text, default: (policy, [])].pods.append(old)
            }
        }
        return pods.sorted { $0.key < $1.key }.map { _, found in
            diagnostic(found.policy, for: HazardWords.workloads(of: found.pods, in: context.now))
        }
    }

    private static func diagnostic(
        _ policy: AuthorizationPolicy, for workloads: [String]
    ) -> Diagnostic {
        let fields = policy.httpFields.joined(separator: ", ")
        let effect =
            policy.action == .allow
            ? "ztunnel leaves out the rules that use them, so what they allow is refused"
            : "ztunnel keeps what remains of the rules without them, which refuses more than is meant, or, "
                + "where nothing remains, nothing"
        return Diagnostic(
            .authzL7WithoutWaypoint,
            "AuthorizationPolicy \(policy.meta.text) uses HTTP fields, which ztunnel cannot read",
            detail:
                "It would come to stand before \(HazardWords.list(workloads)) in the ambient mesh, with "
                + "\(fields): \(effect). Deploy a waypoint and let the policy name the Service with "
                + "`targetRefs` in place of `selector`, or keep these workloads out of the ambient mesh.",
            remedy: "istioctl waypoint apply -n \(policy.meta.namespace) --enroll-namespace")
    }
}
