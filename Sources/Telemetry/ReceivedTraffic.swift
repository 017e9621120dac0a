/// What servers accepted, by the counters of the proxy before them, told by who sent it and how.
///
/// Three traps are taken care of. Only `reporter="destination"` counts: a sending sidecar writes
/// `connection_security_policy="unknown"` for all that it sends (`istio_stats.cc:populateFlagsAndConnectionSecurity`).
/// Plaintext is all that is not `mutual_tls`: ztunnel has no other word than `unknown` for it
/// (`src/proxy/metrics.rs:SecurityPolicy`). And ztunnel counts a connection as opened before it asks its
/// policies (`src/proxy/inbound_passthrough.rs:proxy_inbound_plaintext`), so that a refused one is told only by how
/// it is closed, with the flag `DENY`.
package struct ReceivedTraffic: Sendable, Hashable {
    package struct Sender: Sendable, Hashable, Comparable {
        package var source: TrafficCounters.End
        package var isMutualTLS: Bool

        package static func < (a: Self, b: Self) -> Bool {
            a.isMutualTLS == b.isMutualTLS ? a.source < b.source : b.isMutualTLS
        }
    }

    package struct Amount: Sendable, Hashable {
        /// Connections that were refused by policy.
        package var refused: Int { counts.closed - accepted.closed }
        /// HTTP requests.
        package var requests: Int { accepted.requests }
        /// Connections that have ended and were not refused.
        package var connections: Int { accepted.closed }
        /// Bytes that went over connections that were not refused, ended or not.
        package var bytes: Int { accepted.bytes }
        /// Connections that were opened and not closed: the open ones, where the counters are since the start
        /// of the proxy.
        package var open: Int { max(0, counts.opened - counts.closed) }
        fileprivate var counts = TrafficCounters.Counts()
        fileprivate var accepted = TrafficCounters.Counts()

        /// Whether anything got through.
        package var isAccepted: Bool { requests > 0 || connections > 0 || bytes > 0 }
    }

    package private(set) var amounts: [Sender: Amount] = [:]

    package init(_ counters: TrafficCounters) {
        for (key, counts) in counters.series where key.reporter == .destination {
            let sender = Sender(source: key.source, isMutualTLS: key.security == .mutualTLS)
            var amount = amounts[sender] ?? Amount()
            amount.counts += counts
            if key.flags != "DENY" { amount.accepted += counts }
            amounts[sender] = amount
        }
    }

    /// Senders of plaintext that got through, or have connections open.
    package var plaintext: [(source: TrafficCounters.End, amount: Amount)] {
        amounts.filter { !$0.key.isMutualTLS && ($0.value.isAccepted || $0.value.open > 0) }
            .sorted { $0.key < $1.key }.map { ($0.key.source, $0.value) }
    }

    /// Requests and ended connections in plaintext that got through: the lines that an access log has of them.
    package var plaintextArrivals: Int {
        plaintext.reduce(0) { $0 + $1.amount.requests + $1.amount.connections }
    }

    /// Whether anything came with an identity of the mesh.
    package var hasMutualTLS: Bool {
        amounts.contains { $0.key.isMutualTLS && ($0.value.isAccepted || $0.value.open > 0) }
    }
}
