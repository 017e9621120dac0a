import MeshModel

/// Where ztunnel enforces something else than the policies say at first sight.
enum EnforcementNotes {
    static func of(_ pod: Pod, policies: PeerAuthenticationIndex) -> [String] {
        guard pod.dataplane == .ambient else { return [] }
        let (namespace, labels) = (pod.meta.namespace, pod.meta.labels)
        let missing = ZtunnelPolicies.decide(
            namespace: namespace, podLabels: labels, policies: policies
        ).missing
        guard missing.isEmpty else {
            return [
                "istiod names \(missing.joined(separator: ", ")) on the pod and never sends it: "
                    + "ztunnel refuses nothing there; give the namespace a policy with an explicit mode"
            ]
        }
        let sidecar = EffectiveMode.decide(
            namespace: namespace, podLabels: labels, policies: policies)
        guard
            let ambient = Enforcement(
                on: .ambient, namespace: namespace, podLabels: labels, policies: policies)
        else { return [] }
        let ports = Set(sidecar.ports.keys).union(ambient.ports.keys)
        let differs =
            ambient.mode != sidecar.mode.inZtunnel
            || ports.contains {
                (ambient.ports[$0] ?? ambient.mode) != sidecar.mode(forPort: $0).inZtunnel
            }
        var notes: [String] = []
        if differs {
            let other = ([sidecar.mode.rawValue] + Phrases.ports(of: sidecar)).joined(
                separator: ", ")
            notes.append("a sidecar would take the same policies as \(other)")
        }
        if sidecar.mode == .disable || sidecar.ports.values.contains(.disable) {
            notes.append("ztunnel knows no DISABLE: it takes it as PERMISSIVE, and mTLS goes on")
        }
        return notes
    }
}

extension MTLSMode {
    fileprivate var inZtunnel: MTLSMode { self == .disable ? .permissive : self }
}

extension Phrases {
    fileprivate static func ports(of decision: EffectiveMode.Decision) -> [String] {
        ports(
            Dictionary(
                uniqueKeysWithValues: decision.ports.map { (String($0), $1.rawValue) }))
    }
}
