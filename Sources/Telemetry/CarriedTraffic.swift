/// Connections and requests that got through, as one proxy has counted them since it started.
///
/// What was refused, or never reached the application, is left out. ztunnel counts a connection as opened before it
/// knows (`src/proxy/inbound_passthrough.rs:proxy_inbound_plaintext`), so that the badly ended ones are taken off
/// again; connections that are still open count.
package struct CarriedTraffic: Sendable, Hashable {
    /// What is counted together. Principals are left out: they add nothing to who it was.
    package struct Key: Sendable, Hashable {
        /// Whether the server's proxy counted it; else the client's did.
        package var isInbound: Bool
        package var source: TrafficCounters.End
        package var destination: TrafficCounters.End
        /// The Service's host; empty where the connection came by the pod's address.
        package var service: String
        package var isMutualTLS: Bool

        package init(
            isInbound: Bool, source: TrafficCounters.End, destination: TrafficCounters.End,
            service: String = "", isMutualTLS: Bool
        ) {
            self.isInbound = isInbound
            self.source = source
            self.destination = destination
            self.service = service
            self.isMutualTLS = isMutualTLS
        }
    }

    /// Connections and HTTP requests together: one of both is counted for each.
    package private(set) var counts: [Key: Int] = [:]

    package init(_ counts: [Key: Int] = [:]) { self.counts = counts }

    package init(_ counters: TrafficCounters) {
        for (series, counts) in counters.series where series.reporter != .waypoint {
            let failed = series.hasFailed
            let arrived = sum(counts.opened, failed ? 0 : counts.requests)
            self.counts[Key(series), default: 0] = sum(
                self.counts[Key(series)] ?? 0, arrived - (failed ? counts.closed : 0))
        }
        self.counts = self.counts.filter { $0.value > 0 }
    }
}

extension CarriedTraffic.Key {
    fileprivate init(_ series: TrafficCounters.Series) {
        func end(_ end: TrafficCounters.End) -> TrafficCounters.End {
            TrafficCounters.End(workload: end.workload, namespace: end.namespace)
        }
        self.init(
            isInbound: series.reporter == .destination, source: end(series.source),
            destination: end(series.destination), service: series.service,
            isMutualTLS: series.security == .mutualTLS)
    }
}

extension TrafficCounters.Series {
    /// Whether the proxy refused it, or found nobody to hand it to: ztunnel's flags (`src/proxy/metrics.rs:ResponseFlags`),
    /// and of Envoy's those of an upstream that could not be reached.
    fileprivate var hasFailed: Bool {
        flags.split(separator: ",").contains { Self.failures.contains(String($0)) }
    }

    private static let failures: Set<String> = [
        "DENY", "CONNECT", "TLS_FAILURE", "H2_HANDSHAKE_FAILURE", "NETWORK_POLICY",
        "IDENTITY_ERROR", "CERT_REVOKED", "UF", "UH", "NR", "NC",
    ]
}

extension CarriedTraffic.Key: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        if a.destination != b.destination { return a.destination < b.destination }
        if a.source != b.source { return a.source < b.source }
        if a.service != b.service { return a.service < b.service }
        if a.isMutualTLS != b.isMutualTLS { return b.isMutualTLS }
        return a.isInbound && !b.isInbound
    }
}

/// Hostile pages cannot make it overflow.
private func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, isTooLarge) = a.addingReportingOverflow(b)
    return isTooLarge ? (b < 0 ? Int.min : Int.max) : sum
}
