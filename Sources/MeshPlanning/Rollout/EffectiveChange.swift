package import MeshModel

/// A workload whose data plane or enforced mode a rollout changes.
package struct EffectiveChange: Sendable, Hashable, Codable {
    /// What a workload's pods enforce on inbound traffic.
    package struct Enforcement: Sendable, Hashable, Codable {
        package var dataplane: PodDataplane
        /// nil where nothing enforces.
        package var mode: MTLSMode?
        /// Container ports whose mode differs.
        package var ports: [Int: MTLSMode]

        init(of pod: Pod, policies: PeerAuthenticationIndex) {
            dataplane = pod.dataplane
            let enforcement = MeshModel.Enforcement(
                on: dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: policies)
            mode = enforcement?.mode
            ports = enforcement?.ports ?? [:]
        }

        /// nil where nothing enforces.
        package func mode(of port: Int) -> MTLSMode? { ports[port] ?? mode }

        /// `sidecar, STRICT except 3000 PERMISSIVE`
        package var text: String {
            guard let mode else { return dataplane == .none ? "no data plane" : dataplane.rawValue }
            let exceptions = ports.sorted { $0.key < $1.key }
                .map { "\($0.key) \($0.value.rawValue)" }
            let suffix = exceptions.isEmpty ? "" : " except " + exceptions.joined(separator: ", ")
            return "\(dataplane.rawValue), \(mode.rawValue)\(suffix)"
        }
    }

    /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
    package var workload: String
    package var before: Enforcement
    package var after: Enforcement
    /// Who calls its ports, as far as flows are known, and how they fare afterwards.
    package var clients: [ClientTally] = []

    package var namespace: String { String(workload.prefix { $0 != "/" }) }

    /// One entry per workload, for its first pod that changes.
    package static func between(_ before: MeshState, _ after: MeshState) -> [EffectiveChange] {
        let index = WorkloadIndex(before)
        let version = before.flows.settings.version
        let policies = (
            PeerAuthenticationIndex(
                before.peerAuthentications, rootNamespace: before.rootNamespace, version: version),
            PeerAuthenticationIndex(
                after.peerAuthentications, rootNamespace: after.rootNamespace, version: version)
        )
        var changes: [String: EffectiveChange] = [:]
        for (old, new) in zip(before.pods, after.pods) where old.isLive {
            let workload =
                index.text(of: old)
            let change = EffectiveChange(
                workload: workload, before: Enforcement(of: old, policies: policies.0),
                after: Enforcement(of: new, policies: policies.1))
            if change.before != change.after, changes[workload] == nil {
                changes[workload] = change
            }
        }
        return changes.values.sorted { $0.workload < $1.workload }
    }
}
