extension TrafficCounters {
    package enum Failure: Error, Sendable, Hashable {
        case text(PrometheusText.Failure)
        /// A counter that is no count: negative, not a number, or beyond what a double counts exactly.
        case notACount(String)
    }

    /// Reads the page that a sidecar or a ztunnel serves at port 15020 under `/stats/prometheus`.
    ///
    /// A page without any of the families is a proxy that has seen no traffic.
    package init(page: String) throws(Failure) {
        let samples: [PrometheusText.Sample]
        do { samples = try Self.text.samples(in: page) } catch { throw .text(error) }
        self.init()
        for sample in samples {
            try add(sample.value, of: Self.families[sample.family], sample.labels)
        }
    }

    /// Adds what Prometheus keeps of one counter; what is none of these families is left out.
    ///
    /// - Parameters:
    ///   - family: the metric's name, such as `istio_requests_total`.
    ///   - labels: those that the query has left; what is missing is not known.
    package mutating func add(
        _ value: Double, of family: String, _ labels: [String: String]
    ) throws(Failure) {
        guard let family = Family(rawValue: family) else { return }
        try add(value, of: family, Label.allCases.map { labels[$0.name] ?? "" })
    }

    private mutating func add(
        _ value: Double, of family: Family, _ labels: [String]
    ) throws(Failure) {
        guard let reporter = Reporter(rawValue: labels[Label.reporter.rawValue]) else { return }
        guard let count = Int(exactly: value.rounded(.down)), count >= 0,
            count <= Self.largestCount
        else { throw .notACount(family.rawValue) }
        series[Series(reporter, labels), default: Counts()] += family.counts(count)
    }

    /// Doubles count exactly up to here.
    private static let largestCount = 1 << 53

    private enum Label: Int, CaseIterable {
        case reporter, sourceWorkload, sourceNamespace, sourcePrincipal, destinationWorkload,
            destinationNamespace, destinationPrincipal, service, security, flags, code

        var name: String {
            switch self {
            case .reporter: "reporter"
            case .sourceWorkload: "source_workload"
            case .sourceNamespace: "source_workload_namespace"
            case .sourcePrincipal: "source_principal"
            case .destinationWorkload: "destination_workload"
            case .destinationNamespace: "destination_workload_namespace"
            case .destinationPrincipal: "destination_principal"
            case .service: "destination_service"
            case .security: "connection_security_policy"
            case .flags: "response_flags"
            case .code: "response_code"
            }
        }
    }

    private enum Family: String, CaseIterable {
        case requests = "istio_requests_total"
        case opened = "istio_tcp_connections_opened_total"
        case closed = "istio_tcp_connections_closed_total"
        case failed = "istio_tcp_connections_failed_total"
        case sent = "istio_tcp_sent_bytes_total"
        case received = "istio_tcp_received_bytes_total"

        func counts(_ count: Int) -> Counts {
            switch self {
            case .requests: Counts(requests: count)
            case .opened: Counts(opened: count)
            case .closed: Counts(closed: count)
            case .failed: Counts(failed: count)
            case .sent, .received: Counts(bytes: count)
            }
        }
    }

    private static let families = Family.allCases
    private static let text = PrometheusText(
        families: families.map(\.rawValue), labels: Label.allCases.map(\.name))
}

extension TrafficCounters.Series {
    fileprivate init(_ reporter: TrafficCounters.Reporter, _ values: [String]) {
        func end(_ first: Int) -> TrafficCounters.End {
            TrafficCounters.End(
                workload: known(values[first]), namespace: known(values[first + 1]),
                principal: known(values[first + 2]))
        }
        let flags = values[9]
        self.init(
            reporter: reporter, source: end(1), destination: end(4), service: known(values[7]),
            // A word that no proxy writes is not mTLS.
            security: TrafficCounters.Security(rawValue: values[8]) ?? .unknown,
            flags: flags.isEmpty ? "-" : flags, responseClass: (Int(values[10]) ?? 0) / 100)
    }
}

/// Both proxies write `unknown` for what they do not know (ztunnel `src/metrics.rs:DefaultedUnknown`,
/// `istio_stats.cc:Context`).
private func known(_ value: String) -> String { value == "unknown" ? "" : value }
