package import Timing

/// Connections that telemetry has shown, summed up: who called whom, how, when and how often.
package struct ObservedFlow: Sendable, Hashable {
    package enum Client: Sendable, Hashable {
        case workload(WorkloadID)
        case pod(namespace: String, name: String)
        /// Somebody on a node's host network, or somebody whose packets the node sends on under its own address.
        case node(String)
        /// An IP address.
        case address(String)
        /// The server's proxy does not say who.
        case unknown
    }

    package enum Server: Sendable, Hashable {
        /// By the Service's port.
        case service(namespace: String, name: String, port: Int)
        /// By the container's port.
        case workload(WorkloadID, port: Int)
    }

    package enum Security: String, Sendable, Hashable, Codable, CaseIterable {
        case plaintext
        /// With an identity of the mesh.
        case mutualTLS = "mutual-tls"
    }

    package var client: Client
    package var server: Server
    package var security: Security
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    /// How many were counted in all.
    package var connections: Int

    package init(
        from client: Client, to server: Server, security: Security, firstSeen: Timestamp,
        lastSeen: Timestamp, connections: Int
    ) {
        self.client = client
        self.server = server
        self.security = security
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.connections = connections
    }
}
