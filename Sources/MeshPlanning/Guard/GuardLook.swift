package import Timing

/// What one look at the proxies showed, of all that the guards want to see.
///
/// Counters are as the proxies give them, since their start; log lines are those since the look before.
package struct GuardLook: Sendable, Hashable, Codable {
    /// Who was refused, as far as the proxy knows.
    package enum Source: Sendable, Hashable, Codable {
        /// `shop/web`, without the kind, as counters name workloads.
        case workload(String)
        /// A pod that meshctl made to ask something itself: `shop/meshctl-probe-x`.
        case probe(String)
        case node(name: String, address: String)
        /// One that no pod and no node has.
        case address(String)
        case unknown
    }

    package enum Kind: String, Sendable, Hashable, Codable {
        /// A ztunnel closed the connection by policy.
        case refused
        /// A client's sidecar sent something, and the server ended the connection without an answer.
        case reset
        /// All that a client's sidecar sent.
        case sent
        /// A server's sidecar had no filter chain for the connection, as for plaintext under STRICT, or missed
        /// the client's certificate.
        case unmatched
    }

    package struct Count: Sendable, Hashable, Codable {
        package var kind: Kind
        package var source: Source
        /// `TrafficGuard.Target.workload`
        package var destination: String
        package var count: Int

        package init(_ kind: Kind, from source: Source, to destination: String, _ count: Int) {
            self.kind = kind
            self.source = source
            self.destination = destination
            self.count = count
        }
    }

    /// One page of counters.
    package struct Proxy: Sendable, Hashable, Codable {
        /// `ztunnel istio-system/ztunnel-x`, `port 15090 of pod shop/cart-0`
        package var name: String
        /// Another one has counters of its own.
        package var process: String
        /// Since when it runs, in milliseconds since 1970; nil where that is not known.
        package var since: Int64?
        /// The targets that it may tell of, sorted.
        package var targets: [String]
        /// nil where the page could not be read; sorted.
        package var counts: [Count]?

        package init(
            name: String, process: String, since: Int64?, targets: [String], counts: [Count]?
        ) {
            self.name = name
            self.process = process
            self.since = since
            self.targets = targets
            self.counts = counts
        }
    }

    /// A line of an access log that tells of a refusal at the server.
    package struct Line: Sendable, Hashable, Codable {
        package enum Kind: String, Sendable, Hashable, Codable {
            /// By STRICT, or by what is in force with it.
            case refused
            /// By a DENY policy of a user's own.
            case denied
            /// An open connection, when the policies changed.
            case policyChange
            /// By a sidecar, for want of a filter chain.
            case unmatched
        }

        /// By the clock of the node, in milliseconds since 1970.
        package var at: Int64
        package var kind: Kind
        package var source: Source
        /// `10.0.1.7:34567`: tells lines of one moment apart.
        package var from: String
        package var destination: String
        package var port: Int

        package init(
            at: Int64, _ kind: Kind, from source: Source, address: String, to destination: String,
            port: Int
        ) {
            self.at = at
            self.kind = kind
            self.source = source
            from = address
            self.destination = destination
            self.port = port
        }
    }

    /// A running pod of a target.
    package struct PodHealth: Sendable, Hashable, Codable {
        /// `TrafficGuard.Target.workload`
        package var workload: String
        /// `shop/cart-0`
        package var pod: String
        package var uid: String
        package var isReady: Bool
        /// Whether a ztunnel has its traffic.
        package var isCaptured: Bool
        /// Of all its containers together.
        package var restarts: Int

        package init(
            workload: String, pod: String, uid: String, isReady: Bool = true,
            isCaptured: Bool = false, restarts: Int = 0
        ) {
            self.workload = workload
            self.pod = pod
            self.uid = uid
            self.isReady = isReady
            self.isCaptured = isCaptured
            self.restarts = restarts
        }
    }

    /// Milliseconds since 1970, by the clock of the run.
    package var at: Int64
    /// Sorted by name.
    package var proxies: [Proxy]
    package var lines: [Line]
    /// Sorted by name.
    package var pods: [PodHealth]
    /// The workloads that each target's proxies had let through, as `shop/web`, sorted. Only the look before the
    /// step has them.
    package var carried: [String: [String]]
    /// What could not be seen, a line each; sorted.
    package var unseen: [String]

    package init(
        at time: Timestamp, proxies: [Proxy] = [], lines: [Line] = [], pods: [PodHealth] = [],
        carried: [String: [String]] = [:], unseen: [String] = []
    ) {
        at = time.milliseconds
        self.proxies = proxies
        self.lines = lines
        self.pods = pods
        self.carried = carried
        self.unseen = unseen
    }
}

extension GuardLook.Source: Comparable {
    private var order: (Int, String, String) {
        switch self {
        case .workload(let name): (0, name, "")
        case .node(let name, let address): (1, name, address)
        case .address(let address): (2, address, "")
        case .unknown: (3, "", "")
        case .probe(let name): (4, name, "")
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.order < b.order }

    /// As a person reads it.
    var text: String {
        switch self {
        case .workload(let name): GateWords.quotation(name)
        case .probe(let name): "meshctl's own probe \(GateWords.quotation(name))"
        case .node(let name, let address): "node \(name) at \(address)"
        case .address(let address): "\(GateWords.quotation(address)), which is no pod's address"
        case .unknown: "a source that the proxy does not know"
        }
    }
}
