/// What a data plane does with plaintext to a pod: the mode it enforces, port by port.
///
/// A sidecar enforces what the policies say. ztunnel does what the converted policies make it do, which is
/// not always the same: it knows no DISABLE, and some shapes leave a workload open (`ZtunnelPolicies`).
package struct Enforcement: Sendable, Hashable {
    package var mode: MTLSMode
    /// Container ports whose mode differs from `mode`.
    package var ports: [Int: MTLSMode]

    /// nil where nothing enforces: pods without a data plane, gateways and waypoints.
    package init?(
        on plane: PodDataplane, namespace: String, podLabels: [String: String],
        policies: PeerAuthenticationIndex
    ) {
        switch plane {
        case .sidecar:
            let decision = EffectiveMode.decide(
                namespace: namespace, podLabels: podLabels, policies: policies)
            mode = decision.mode
            ports = decision.ports.filter { $0.value != decision.mode }
        case .ambient:
            let decision = ZtunnelPolicies.decide(
                namespace: namespace, podLabels: podLabels, policies: policies)
            let except: (numbers: Set<Int>, mode: MTLSMode)
            switch decision.denied {
            case .allExcept(let numbers): (mode, except) = (.strict, (numbers, .permissive))
            case .only(let numbers): (mode, except) = (.permissive, (numbers, .strict))
            }
            ports = Dictionary(uniqueKeysWithValues: except.numbers.map { ($0, except.mode) })
        case .none, .gateway, .waypoint:
            return nil
        }
    }
}
