package import Diagnostics
import MeshModel

/// Flows that come with a mesh identity today and without one in the end, or the other way round, into
/// servers whose AuthorizationPolicies ask who the client is.
package enum AuthorizationLosesIdentity: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let policies = AuthorizationPolicyIndex(
            (context.observed.surroundings.authorizationPolicies ?? []).filter {
                !$0.identityFields.isEmpty
            }, rootNamespace: context.observed.rootNamespace)
        guard !policies.isEmpty else { return [] }
        return context.flows.filter { mayCarryIdentity($0) }.compactMap { flow in
            diagnostic(of: FlowFate(flow, in: context), policies)
        }
    }

    private static func mayCarryIdentity(_ flow: Flow) -> Bool {
        guard flow.expect == .carried else { return false }
        switch flow.client {
        case .workload, .pod: return true
        case .external, .apiServer, .node, .cidr, .cluster: return false
        }
    }

    private static func diagnostic(
        of fate: FlowFate, _ policies: AuthorizationPolicyIndex
    ) -> Diagnostic? {
        let before = identities(fate.now)
        for leg in fate.then.filter(\.isCarried) {
            guard let pod = leg.endpoint.endpoint.pod, let had = before[pod.text],
                had != leg.verdict.hasIdentity
            else { continue }
            let asking = policies.policies(for: pod)
            guard !asking.isEmpty else { continue }
            return diagnostic(fate.flow, loses: had, asking: asking)
        }
        return nil
    }

    /// Whether the flow comes with an identity, by server pod.
    private static func identities(_ legs: [FlowFate.Leg]) -> [String: Bool] {
        Dictionary(
            legs.compactMap { leg in
                guard leg.isCarried, let pod = leg.endpoint.endpoint.pod else { return nil }
                return (pod.text, leg.verdict.hasIdentity)
            }, uniquingKeysWith: { a, b in a && b })
    }

    private static func diagnostic(
        _ flow: Flow, loses: Bool, asking: [AuthorizationPolicy]
    ) -> Diagnostic {
        let fields = Set(asking.flatMap(\.identityFields)).sorted().joined(separator: ", ")
        let names = HazardWords.list(asking.map(\.meta.text))
        return Diagnostic(
            .authzIdentityLost, .warning,
            loses
                ? "\(flow.text) would come without a mesh identity, which an AuthorizationPolicy asks for"
                : "\(flow.text) would come with a mesh identity, and rules about it begin to match",
            detail: "\(names) decides by \(fields). "
                + (loses
                    ? "Rules that allow an identity no longer match, and the flow is refused; rules that "
                        + "deny one no longer stop it. Keep client and server in the mesh, or allow the "
                        + "client by its address (ipBlocks)."
                    : "Check that the client's service account is among those that are allowed, and not "
                        + "among those that are denied."))
    }
}

extension FlowVerdict {
    /// Whether the server's proxy learns who the client is.
    fileprivate var hasIdentity: Bool {
        (sent == .hbone && reason == .hboneAccepted) || (sent == .mtls && reason == .mtlsAccepted)
    }
}
