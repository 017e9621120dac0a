/// What istiod made of a workload's PeerAuthentication for ztunnel before it merged it with what the workload
/// inherits (istio 1.24.2
/// `pilot/pkg/serviceregistry/kube/controller/ambient/authorization.go:convertPeerAuthentication`).
///
/// All its rules are in one group and hold together: two STRICT ports, which no connection can be for at once,
/// refuse nothing (istio issue 54146); exceptions without a mode of the workload's own refuse every other
/// port to everybody, whatever identity is shown (istio issue 53884).
enum UnmergedConversion {
    struct Policy: Sendable, Hashable {
        /// Where connections without a mesh identity are denied.
        var anonymous: ZtunnelPolicies.DeniedPorts
        /// Where all connections are.
        var everybody: ZtunnelPolicies.DeniedPorts
    }

    /// nil where istiod makes none.
    static func convert(_ policy: PeerAuthentication, rootNamespace: String) -> Policy? {
        guard policy.meta.namespace != rootNamespace, policy.selector != nil else { return nil }
        let strict = ports(of: policy) { $0 == .strict }
        let isRelaxed = policy.mode == .permissive || policy.mode == .disable
        let relaxed = isRelaxed ? [] : ports(of: policy) { $0 == .permissive || $0 == .disable }
        if policy.mode == .strict, relaxed.isEmpty { return nil }
        switch strict.count {
        case 0 where relaxed.isEmpty:
            return nil
        case 0 where policy.mode == .strict:
            return Policy(anonymous: .allExcept(relaxed), everybody: .none)
        case 0:
            return Policy(anonymous: .allExcept(relaxed), everybody: .allExcept(relaxed))
        case 1:
            return Policy(anonymous: .only(strict), everybody: .none)
        default:
            return Policy(anonymous: .none, everybody: .none)
        }
    }

    private static func ports(
        of policy: PeerAuthentication, where matches: (MTLSMode) -> Bool
    ) -> Set<Int> {
        Set(policy.portModes.filter { matches($0.value) }.keys)
    }
}
