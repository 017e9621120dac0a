package import Diagnostics
import MeshModel

/// DestinationRules that make clients send something other than Istio's mTLS to a sidecar that is STRICT.
///
/// A rule's mode replaces automatic mTLS, so that the server's policy is right and its clients fail
/// (istio `pilot/pkg/networking/core/cluster_tls.go:buildUpstreamTLSSettings`). To ambient servers Envoys
/// send HBONE whatever the rule says.
package enum DestinationRuleAgainstStrict: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        ClientRule.all(in: context) { $0 != .istioMutual }.compactMap { covered in
            let refused = covered.filter { rule in
                !context.isTold(rule.service, rule.port)
                    && rule.endpoints.contains { isStrictSidecar($0, context.then) }
            }
            guard let first = refused.first else { return nil }
            let isNew = refused.contains { rule in
                rule.endpoints.contains { endpoint in
                    isStrictSidecar(endpoint, context.then)
                        && !isStrictSidecar(endpoint.before(in: context.now), context.now)
                }
            }
            return diagnostic(
                first, refused.map(\.place), isNew: isNew, isError: isNew)
        }
    }

    private static func diagnostic(
        _ rule: ClientRule, _ places: [String], isNew: Bool, isError: Bool
    ) -> Diagnostic {
        let port = rule.port.number
        return Diagnostic(
            .destinationRuleAgainstStrict, isError ? .error : .warning,
            "DestinationRule \(rule.rule.text) makes clients send \(rule.mode.sending) to "
                + "\(places.shortList), \(isNew ? "which would be" : "which is") STRICT",
            detail:
                "A sidecar that is STRICT takes only Istio's own mTLS, and the rule turns that off "
                + "for everybody who takes it. Remove its `tls`, so that clients choose for "
                + "each pod, or leave the port PERMISSIVE by an exception for its container port.",
            remedy: rule.rule.trafficPolicy?.ports[port] == nil
                ? "trafficPolicy:\n  tls: {mode: ISTIO_MUTUAL}"
                : "portLevelSettings:\n  - port: {number: \(port)}\n    tls: {mode: ISTIO_MUTUAL}")
    }

    private static func isStrictSidecar(
        _ endpoint: FlowIndex.Endpoint, _ index: FlowIndex
    ) -> Bool {
        guard let pod = endpoint.pod, pod.dataplane == .sidecar,
            Interception.takesInbound(port: endpoint.port, of: pod)
        else { return false }
        return EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: index.policies
        ).mode(forPort: endpoint.port) == .strict
    }
}

extension FlowIndex.Endpoint {
    /// The same endpoint in another state of the mesh.
    func before(in index: FlowIndex) -> FlowIndex.Endpoint {
        var before = self
        before.pod = pod.flatMap { index.pod($0.meta.namespace, $0.meta.name) }
        return before
    }
}

extension DestinationRule.TLSMode {
    fileprivate var sending: String {
        switch self {
        case .disable: "plaintext (DISABLE)"
        case .simple, .mutual: "TLS of their own (\(rawValue))"
        case .istioMutual: "Istio's mTLS (ISTIO_MUTUAL)"
        }
    }
}
