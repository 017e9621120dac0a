import MeshModel
import MeshPlanning

/// A workload whose data plane or enforced mode the rollout changes.
package struct EffectiveChangeEntry: Encodable, Sendable, Hashable {
    package struct Enforcement: Encodable, Sendable, Hashable {
        package var dataPlane: String
        /// `NONE` where nothing enforces.
        package var mode: String
        /// Container ports whose mode differs.
        package var ports: [String: String]

        init(_ enforcement: EffectiveChange.Enforcement) {
            dataPlane = enforcement.dataplane.rawValue
            mode = enforcement.mode?.rawValue ?? "NONE"
            ports = Dictionary(
                uniqueKeysWithValues: enforcement.ports.map { (String($0), $1.rawValue) })
        }

        /// `sidecar, STRICT except 3000 PERMISSIVE`
        var text: String {
            guard mode != "NONE" else { return dataPlane == "none" ? "no data plane" : dataPlane }
            let exceptions = ports.sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }
                .map { "\($0.key) \($0.value)" }
            let suffix = exceptions.isEmpty ? "" : " except " + exceptions.joined(separator: ", ")
            return "\(dataPlane), \(mode)\(suffix)"
        }
    }

    /// `shop/Deployment/cart`
    package var workload: String
    package var before: Enforcement
    package var after: Enforcement

    init(_ change: EffectiveChange) {
        workload = change.workload
        before = Enforcement(change.before)
        after = Enforcement(change.after)
    }
}
