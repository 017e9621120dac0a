package import MeshModel

/// A workload whose data plane or enforced mode a rollout changes.
package struct EffectiveChange: Sendable, Hashable, Codable {
    /// What a workload's pods enforce on inbound traffic.
    package struct Enforcement: Sendable, Hashable, Codable {
        package var dataplane: PodDataplane
        /// nil where nothing enforces: without a data plane, or where a sidecar is handed `ports` alone.
        package var mode: MTLSMode?
        /// Container ports whose mode differs.
        package var ports: [Int: MTLSMode]
        /// Container ports that annotations keep from the sidecar: nothing enforces there.
        package var open: Set<Int>
        /// What the sidecar listens on itself, and is never handed.
        private var proxyPorts: Set<Int>

        init(of pod: Pod, policies: PeerAuthenticationIndex) {
            dataplane = pod.dataplane
            let enforcement = MeshModel.Enforcement(
                on: dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: policies)
            mode = enforcement?.mode
            ports = enforcement?.ports ?? [:]
            open = []
            proxyPorts = dataplane == .sidecar ? Interception.proxyPorts(of: pod) : []
            guard dataplane == .sidecar, let enforcement else { return }
            switch Interception.inboundBypass(of: pod) {
            case .none: break
            case .ports(let excluded):
                open = excluded
                ports = ports.filter { !excluded.contains($0.key) }
            case .allExcept(let included):
                mode = nil
                ports = Dictionary(
                    uniqueKeysWithValues: included.map {
                        ($0, enforcement.ports[$0] ?? enforcement.mode)
                    })
            case .all:
                mode = nil
                ports = [:]
            }
        }

        /// nil where nothing enforces.
        package func mode(of port: Int) -> MTLSMode? {
            open.contains(port) || proxyPorts.contains(port) ? nil : ports[port] ?? mode
        }

        /// `sidecar, STRICT except 3000 PERMISSIVE, 9091 NONE`
        package var text: String {
            guard dataplane == .sidecar || mode != nil else {
                return dataplane == .none ? "no data plane" : dataplane.rawValue
            }
            let exceptions = Set(ports.keys).union(open).sorted()
                .map { "\($0) \(mode(of: $0)?.rawValue ?? "NONE")" }
            let suffix = exceptions.isEmpty ? "" : " except " + exceptions.joined(separator: ", ")
            return "\(dataplane.rawValue), \(mode?.rawValue ?? "NONE")\(suffix)"
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
