/// The mode in which a pod's sidecar accepts connections
/// (istio `pilot/pkg/security/authn/policy_applier.go:ComposePeerAuthentication`).
///
/// Only sidecars obey it: ztunnel has `ZtunnelPolicies`, and a pod with neither enforces nothing.
package enum EffectiveMode {
    package struct Decision: Sendable, Hashable {
        /// Never `.unset`.
        package var mode: MTLSMode
        /// Container ports that have a mode of their own; never `.unset`.
        package var ports: [Int: MTLSMode]
        /// The policies behind it, `namespace/name`: first the one that set the mode, then the one
        /// that set the ports, when that is another. Empty where Istio's default holds.
        package var decidedBy: [String]

        package init(mode: MTLSMode, ports: [Int: MTLSMode] = [:], decidedBy: [String] = []) {
            self.mode = mode
            self.ports = ports
            self.decidedBy = decidedBy
        }

        package func mode(forPort port: Int) -> MTLSMode { ports[port] ?? mode }
    }

    /// Without any policy a sidecar accepts plaintext.
    package static let byDefault: MTLSMode = .permissive

    package static func decide(
        namespace: String, podLabels: [String: String], policies: PeerAuthenticationIndex
    ) -> Decision {
        let workload = policies.workloadPolicy(namespace: namespace, podLabels: podLabels)
        var decision = Decision(mode: byDefault)
        for policy in [policies.meshPolicy, policies.namespacePolicy(namespace), workload] {
            guard let policy, policy.mode != .unset else { continue }
            decision.mode = policy.mode
            decision.decidedBy = [policy.text]
        }
        guard let workload, !workload.portModes.isEmpty else { return decision }
        decision.ports = workload.portModes.mapValues { $0 == .unset ? decision.mode : $0 }
        if decision.decidedBy != [workload.text] { decision.decidedBy.append(workload.text) }
        return decision
    }

    package static func decide(
        namespace: String, podLabels: [String: String], policies: [PeerAuthentication],
        rootNamespace: String
    ) -> Decision {
        decide(
            namespace: namespace, podLabels: podLabels,
            policies: PeerAuthenticationIndex(policies, rootNamespace: rootNamespace))
    }

    /// The mode that sidecars assume when they send to a Service of this namespace: workload and port
    /// policies do not count. nil where no policy says anything; they then assume PERMISSIVE
    /// (istio `pilot/pkg/model/authentication.go:GetNamespaceMutualTLSMode`).
    package static func clientSideMode(
        ofNamespace namespace: String, policies: PeerAuthenticationIndex
    ) -> MTLSMode? {
        let mesh = policies.meshPolicy.map { $0.mode == .unset ? byDefault : $0.mode }
        guard let policy = policies.namespacePolicy(namespace) else { return mesh }
        return policy.mode == .unset ? mesh ?? byDefault : policy.mode
    }
}
