/// Istio's counters of one proxy, at one moment: connections and requests by who, whom, how and with what end.
///
/// Sources: istio/ztunnel `src/proxy/metrics.rs:Metrics::new` and `CommonTrafficLabels`, whose registry gives the
/// prefix `istio_` and the suffix `_total`; istio/proxy
/// `source/extensions/filters/http/istio_stats/istio_stats.cc:Context`, in envoyproxy/envoy's `contrib` since 2026.
package struct TrafficCounters: Sendable, Hashable {
    /// Who counted. A connection between two meshed pods is counted by both.
    package enum Reporter: String, Sendable, Hashable, Comparable {
        case source, destination, waypoint

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    package enum Security: String, Sendable, Hashable, Comparable {
        case mutualTLS = "mutual_tls"
        /// What a sidecar says of plaintext that it received. ztunnel never says so.
        case none
        /// What ztunnel says of plaintext, and a sidecar of all that it sends.
        case unknown

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// One end of a connection; what the proxy does not know is empty.
    package struct End: Sendable, Hashable, Comparable {
        /// The controller's name, without its kind; a bare pod's own name.
        package var workload: String
        package var namespace: String
        /// `spiffe://cluster.local/ns/shop/sa/cart`. Of a source it is known only for mTLS.
        package var principal: String

        package init(workload: String = "", namespace: String = "", principal: String = "") {
            self.workload = workload
            self.namespace = namespace
            self.principal = principal
        }

        /// Whether the proxy knew the workload.
        package var isKnown: Bool { !workload.isEmpty && !namespace.isEmpty }

        package static func < (a: Self, b: Self) -> Bool {
            (a.namespace, a.workload, a.principal) < (b.namespace, b.workload, b.principal)
        }
    }

    /// What is counted together.
    package struct Series: Sendable, Hashable, Comparable {
        package var reporter: Reporter
        package var source: End
        package var destination: End
        /// The Service's host; empty where the connection came by the pod's address.
        package var service: String
        package var security: Security
        /// As the proxy writes them, `-` for none: ztunnel `DENY`, `CONNECT` …; Envoy `UC`, `UF,URX` ….
        package var flags: String
        /// The hundreds of the HTTP response code; 0 for TCP, and where no response came.
        package var responseClass: Int

        package init(
            reporter: Reporter, source: End, destination: End, service: String = "",
            security: Security, flags: String = "-", responseClass: Int = 0
        ) {
            self.reporter = reporter
            self.source = source
            self.destination = destination
            self.service = service
            self.security = security
            self.flags = flags
            self.responseClass = responseClass
        }

        package static func < (a: Self, b: Self) -> Bool {
            if a.reporter != b.reporter { return a.reporter < b.reporter }
            if a.destination != b.destination { return a.destination < b.destination }
            if a.source != b.source { return a.source < b.source }
            if a.security != b.security { return a.security < b.security }
            return (a.service, a.flags, a.responseClass) < (b.service, b.flags, b.responseClass)
        }
    }

    /// Since the proxy started, or between two samples.
    package struct Counts: Sendable, Hashable {
        /// HTTP requests that have ended. Only Envoys count them.
        package var requests = 0
        package var opened = 0
        package var closed = 0
        /// Of the closed ones, those that ended badly. Only ztunnel counts them, since 1.30.
        package var failed = 0
        /// In both directions.
        package var bytes = 0

        package init(
            requests: Int = 0, opened: Int = 0, closed: Int = 0, failed: Int = 0, bytes: Int = 0
        ) {
            self.requests = requests
            self.opened = opened
            self.closed = closed
            self.failed = failed
            self.bytes = bytes
        }

        package static func += (a: inout Counts, b: Counts) {
            a.requests = sum(a.requests, b.requests)
            a.opened = sum(a.opened, b.opened)
            a.closed = sum(a.closed, b.closed)
            a.failed = sum(a.failed, b.failed)
            a.bytes = sum(a.bytes, b.bytes)
        }

        /// Hostile pages cannot make it overflow.
        private static func sum(_ a: Int, _ b: Int) -> Int {
            let (sum, isTooLarge) = a.addingReportingOverflow(b)
            return isTooLarge ? Int.max : sum
        }
    }

    package var series: [Series: Counts]

    package init(_ series: [Series: Counts] = [:]) { self.series = series }

    /// Those of the series that are of interest.
    package func filter(_ isKept: (Series) -> Bool) -> TrafficCounters {
        TrafficCounters(series.filter { isKept($0.key) })
    }
}

extension TrafficCounters.Series {
    private var flagWords: [Substring] { flags.split(separator: ",") }

    /// Whether a ztunnel ended these connections by policy.
    package var isDenied: Bool { flagWords.contains("DENY") }

    /// Whether the server ended what a sidecar sent it without an answer, as a sidecar does that refuses
    /// plaintext: `UC`, also with `URX` for the retries (envoyproxy.io, "Access logging: response flags"). For
    /// TCP, where nothing is answered, `UF` as well.
    package var isResetByServer: Bool {
        reporter == .source
            && (flagWords.contains("UC") || responseClass == 0 && flagWords.contains("UF"))
    }
}
