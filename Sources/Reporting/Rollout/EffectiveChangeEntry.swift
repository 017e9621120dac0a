import MeshModel
import MeshPlanning

/// A workload whose data plane or enforced mode the rollout changes.
package struct EffectiveChangeEntry: Encodable, Sendable, Hashable {
    package struct Enforcement: Encodable, Sendable, Hashable {
        private enum CodingKeys: String, CodingKey { case dataPlane, mode, ports }

        package var dataPlane: String
        /// `NONE` where nothing enforces.
        package var mode: String
        /// Container ports whose mode differs.
        package var ports: [String: String]
        /// `sidecar, STRICT except 3000 PERMISSIVE`
        let text: String

        init(_ enforcement: EffectiveChange.Enforcement) {
            dataPlane = enforcement.dataplane.rawValue
            mode = enforcement.mode?.rawValue ?? "NONE"
            ports = Dictionary(
                uniqueKeysWithValues: enforcement.ports.map { (String($0), $1.rawValue) }
                    + enforcement.open.map { (String($0), "NONE") })
            text = enforcement.text
        }
    }

    /// One port with its known clients, and how they fare afterwards.
    package struct Port: Encodable, Sendable, Hashable {
        package struct Clients: Encodable, Sendable, Hashable {
            package var total: Int
            package var mtls: Int
            package var plaintext: Int
            package var refused: Int
            package var unknown: Int
        }

        /// The container port.
        package var port: Int
        /// `NONE` where nothing enforces.
        package var before: String
        package var after: String
        package var clients: Clients

        init(_ tally: ClientTally, of change: EffectiveChange) {
            port = tally.port
            before = change.before.mode(of: tally.port)?.rawValue ?? "NONE"
            after = change.after.mode(of: tally.port)?.rawValue ?? "NONE"
            clients = Clients(
                total: tally.clients, mtls: tally.mtls, plaintext: tally.plaintext,
                refused: tally.refused, unknown: tally.unknown)
        }

        /// `:8080 PERMISSIVE → STRICT; 3 clients: 2 mTLS, 1 would be refused`
        var text: String {
            let modes = before == after ? after : "\(before) → \(after)"
            let parts = [
                (clients.mtls, "mTLS"), (clients.plaintext, "plaintext"),
                (clients.refused, "would be refused"), (clients.unknown, "cannot be judged"),
            ]
            let counts = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            return ":\(port) \(modes); \(Phrases.count(clients.total, "client")): "
                + counts.joined(separator: ", ")
        }
    }

    /// `shop/Deployment/cart`
    package var workload: String
    package var before: Enforcement
    package var after: Enforcement
    package var ports: [Port]

    init(_ change: EffectiveChange) {
        workload = change.workload
        before = Enforcement(change.before)
        after = Enforcement(change.after)
        ports = change.clients.map { Port($0, of: change) }
    }
}
