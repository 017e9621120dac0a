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
        /// A bare pod, by its container's port.
        case pod(namespace: String, name: String, port: Int)
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

extension ObservedFlow.Client {
    /// As `explain --from` takes it: `shop/deployment/web`, `shop/pod/debug`, `node/kube-1`; `192.0.2.1`, `unknown`.
    package var text: String {
        switch self {
        case .workload(let id): id.lowercasedText
        case .pod(let namespace, let name): "\(namespace)/pod/\(name)"
        case .node(let name): "node/\(name)"
        case .address(let address): address
        case .unknown: "unknown"
        }
    }
}

extension ObservedFlow.Server {
    /// `shop/service/cart:80`, `shop/deployment/cart:8080`
    package var text: String {
        switch self {
        case .service(let namespace, let name, let port): "\(namespace)/service/\(name):\(port)"
        case .workload(let id, let port): "\(id.lowercasedText):\(port)"
        case .pod(let namespace, let name, let port): "\(namespace)/pod/\(name):\(port)"
        }
    }

    package var namespace: String {
        switch self {
        case .service(let namespace, _, _), .pod(let namespace, _, _): namespace
        case .workload(let id, _): id.namespace
        }
    }
}

extension WorkloadID {
    fileprivate var lowercasedText: String { "\(namespace)/\(kind.rawValue.lowercased())/\(name)" }
}

extension ObservedFlow {
    /// Both ends and the security: of one flow all sightings are counted together.
    package struct ID: Sendable, Hashable {
        package var client: Client
        package var server: Server
        package var security: Security

        package init(from client: Client, to server: Server, security: Security) {
            self.client = client
            self.server = server
            self.security = security
        }
    }

    package var id: ID { ID(from: client, to: server, security: security) }

    /// Adds what was seen of the same flow in another stretch of time, or at another proxy.
    package mutating func add(_ other: ObservedFlow) {
        firstSeen = min(firstSeen, other.firstSeen)
        lastSeen = max(lastSeen, other.lastSeen)
        let (sum, isTooLarge) = connections.addingReportingOverflow(other.connections)
        connections = isTooLarge ? .max : sum
    }
}

/// Flows, each once.
package struct ObservedFlowSet: Sendable, Hashable {
    private var byID: [ObservedFlow.ID: ObservedFlow] = [:]

    package init(_ flows: some Sequence<ObservedFlow> = []) {
        for flow in flows { add(flow) }
    }

    package mutating func add(_ flow: ObservedFlow) {
        if byID[flow.id]?.add(flow) == nil { byID[flow.id] = flow }
    }

    package var ids: Set<ObservedFlow.ID> { Set(byID.keys) }

    /// Plaintext first, then by server and client.
    package var sorted: [ObservedFlow] {
        // Texts are made once: a comparison would make four.
        byID.values.map { ($0, $0.server.text, $0.client.text) }.sorted { a, b in
            if a.0.security != b.0.security { return a.0.security == .plaintext }
            return (a.1, a.2) < (b.1, b.2)
        }.map(\.0)
    }
}
