package import Diagnostics
import MeshModel

/// Policies, or parts of them, that Istio never looks at.
///
/// A selector in the root namespace selects nothing, not even there (istio issue 61023). Ports count only in
/// a policy with a selector: istiod's webhook refuses others, and ignores those that are there all the same
/// (`pkg/config/validation/validation.go:ValidatePeerAuthentication`).
package enum InertPolicies: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let policies = context.then.policies
        let withPorts = context.reached.peerAuthentications.filter {
            !$0.selectsWorkloads && !$0.portModes.isEmpty
        }
        return policies.ignored.map { ignored($0, context) }
            + withPorts.sorted { $0.text < $1.text }.map { inertPorts($0, context) }
    }

    private static func ignored(
        _ policy: PeerAuthentication, _ context: HazardContext
    ) -> Diagnostic {
        Diagnostic(
            .inertPolicy, context.isPlans(policy) ? .error : .warning,
            "PeerAuthentication \(policy.text) has a selector in the root namespace and does nothing",
            detail:
                "Istio ignores selectors there, for pods of every namespace and of its own. Make "
                + "it in the namespace of the workloads that it means, then delete it.",
            remedy: "kubectl -n \(policy.meta.namespace) delete peerauthentication "
                + policy.meta.name)
    }

    private static func inertPorts(
        _ policy: PeerAuthentication, _ context: HazardContext
    ) -> Diagnostic {
        let ports = policy.portModes.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.rawValue)" }.joined(separator: ", ")
        return Diagnostic(
            .inertPolicy, .warning,
            "PeerAuthentication \(policy.text) has ports (\(ports)) and no selector: they do nothing",
            detail: "Its mode holds for all ports. Ports count only in a policy that selects "
                + "workloads: write an exception with a selector for them, and take "
                + "`portLevelMtls` out of this policy.",
            at: context.entry(of: policy.meta.namespace)?.range)
    }
}
