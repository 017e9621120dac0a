import MeshModel

/// A ztunnel's page of metrics, in OpenMetrics (istio/ztunnel `src/proxy/metrics.rs`).
enum ZtunnelMetrics {
    static let contentType = "application/openmetrics-text;charset=utf-8;version=1.0.0"

    static func text(_ reports: [TrafficReport], version: String) -> String {
        func family(_ name: String, _ help: String) -> MetricFamily {
            MetricFamily("istio_tcp_\(name)", help: help, suffix: "_total")
        }
        var build = MetricFamily("istio_build", .gauge, help: "Istio component build info.")
        build.add(1, [("component", "ztunnel"), ("tag", version)])
        var opened = family("connections_opened", "The total number of TCP connections opened.")
        var closed = family("connections_closed", "The total number of TCP connections closed.")
        var received = family(
            "received_bytes",
            "The size of total bytes received during request in case of a TCP connection.")
        var sent = family(
            "sent_bytes",
            "The size of total bytes sent during response in case of a TCP connection.")
        var failed = family(
            "connections_failed",
            "The total number of TCP connections that failed to establish (unstable).")
        for report in reports {
            // A connection is counted as opened before it is judged.
            let undecided = labels(report, flags: "-")
            opened.add(report.count, undecided)
            let flags = report.ztunnelFlags
            let decided = flags == "-" ? undecided : labels(report, flags: flags)
            closed.add(report.count, decided)
            if flags != "-" { failed.add(report.count, decided) }
            guard !report.isRefused else { continue }
            received.add(report.count * TrafficReport.received, undecided)
            sent.add(report.count * TrafficReport.sent, undecided)
        }
        return [build, opened, closed, received, sent, failed].map(\.text).joined() + "# EOF\n"
    }

    private static func labels(_ report: TrafficReport, flags: String) -> MetricLabels {
        let (client, server) = (report.client, report.server)
        let isMTLS = report.path.sent == .hbone
        let service = report.service
        return [
            ("reporter", report.reporter.rawValue),
            ("source_workload", client.workload.orUnknown),
            ("source_canonical_service", client.canonicalName.orUnknown),
            ("source_canonical_revision", client.canonicalRevision.orUnknown),
            ("source_workload_namespace", client.namespace.orUnknown),
            ("source_principal", isMTLS ? client.identity ?? "unknown" : "unknown"),
            ("source_app", client.canonicalName.orUnknown),
            ("source_version", client.canonicalRevision.orUnknown),
            ("source_cluster", client.namespace.isEmpty ? "unknown" : "Kubernetes"),
            ("destination_service", service?.host ?? "unknown"),
            ("destination_service_namespace", service?.namespace ?? "unknown"),
            ("destination_service_name", service?.name ?? "unknown"),
            ("destination_workload", server.workload.orUnknown),
            ("destination_canonical_service", server.canonicalName.orUnknown),
            ("destination_canonical_revision", server.canonicalRevision.orUnknown),
            ("destination_workload_namespace", server.namespace.orUnknown),
            ("destination_principal", server.identity ?? "unknown"),
            ("destination_app", server.canonicalName.orUnknown),
            ("destination_version", server.canonicalRevision.orUnknown),
            ("destination_cluster", server.namespace.isEmpty ? "unknown" : "Kubernetes"),
            ("request_protocol", "tcp"),
            ("response_flags", flags),
            ("connection_security_policy", isMTLS ? "mutual_tls" : "unknown"),
        ]
    }
}

extension TrafficReport {
    /// `DENY` where the reporting ztunnel refused, `CONNECT` where the other one did.
    var ztunnelFlags: String {
        guard isRefused else { return "-" }
        if reporter == .destination { return "DENY" }
        // Bytes without HBONE are sent and then reset: the connection was there.
        return path.sent == .hbone ? "CONNECT" : "-"
    }
}
