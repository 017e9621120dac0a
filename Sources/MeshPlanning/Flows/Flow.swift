package import MeshModel

/// Traffic that somebody counts on: who calls whom, how that is known, and how surely.
package struct Flow: Sendable, Hashable {
    package enum Client: Sendable, Hashable {
        /// Outside the cluster, or anybody without a proxy whose pods are not known.
        case external
        case apiServer
        /// A process on the host network of this node.
        case node(String)
        case cidr(String)
        /// Another cluster of the mesh.
        case cluster(String)
        /// The pods of a controller.
        case workload(WorkloadID)
        case pod(namespace: String, name: String)
    }

    package enum Server: Sendable, Hashable {
        /// By the Service's port.
        case service(namespace: String, name: String, port: Int)
        /// By the pod's own address.
        case pod(namespace: String, name: String, port: Int)
        /// Each pod of a controller by its own address, as a scraper calls them.
        case workload(WorkloadID, port: Int)
        /// A host that is not the cluster's.
        case host(String, port: Int)
    }

    /// How a flow came to be known.
    package enum Origin: Sendable, Hashable {
        /// Written in the plan file.
        case declared
        /// Seen in telemetry.
        case observed
        /// Concluded from objects of the cluster.
        case inferred(FlowInference)
    }

    package enum Certainty: String, Sendable, Hashable {
        /// Must not break.
        case sure
        /// A break is a warning.
        case doubtful
    }

    package var client: Client
    package var server: Server
    package var origin: Origin
    package var certainty: Certainty
    /// Why it is believed, in words that name the objects: `NodePort 30080 of Service shop/frontend`.
    package var because: String
    package var expect: FlowEntry.Expectation
    /// What the client's application sends by itself, past its data plane; nil where its data plane decides.
    package var sends: ForcedBytes?

    package init(
        from client: Client, to server: Server, origin: Origin, certainty: Certainty = .sure,
        because: String, expect: FlowEntry.Expectation = .carried, sends: ForcedBytes? = nil
    ) {
        self.client = client
        self.server = server
        self.origin = origin
        self.certainty = certainty
        self.because = because
        self.expect = expect
        self.sends = sends
    }

    /// Whether a rollout must not break it.
    package var isRequired: Bool { certainty == .sure && expect == .carried }

    /// `ingress/deployment/cloudflared->default/service/frontend:80`: as `--accept-breaking` and
    /// `--ignore-flow` take it, and in the forms that `explain` takes for its ends.
    package var text: String { "\(client.text)->\(server.text)" }
}

extension Flow.Client {
    package var text: String {
        switch self {
        case .external: "external"
        case .apiServer: "apiserver"
        case .node(let name): "node/\(name)"
        case .cidr(let range): "cidr/\(range)"
        case .cluster(let name): "cluster/\(name)"
        case .workload(let id): id.flowText
        case .pod(let namespace, let name): "\(namespace)/pod/\(name)"
        }
    }
}

extension Flow.Server {
    package var text: String {
        switch self {
        case .service(let namespace, let name, let port): "\(namespace)/service/\(name):\(port)"
        case .pod(let namespace, let name, let port): "\(namespace)/pod/\(name):\(port)"
        case .workload(let id, let port): "\(id.flowText):\(port)"
        case .host(let host, let port): "\(host):\(port)"
        }
    }

    /// nil for a host outside the cluster.
    package var namespace: String? {
        switch self {
        case .service(let namespace, _, _), .pod(let namespace, _, _): namespace
        case .workload(let id, _): id.namespace
        case .host: nil
        }
    }
}

extension WorkloadID {
    fileprivate var flowText: String { "\(namespace)/\(kind.rawValue.lowercased())/\(name)" }
}
