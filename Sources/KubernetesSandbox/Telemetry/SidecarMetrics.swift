import MeshModel

/// A sidecar's page of metrics: Istio's own (istio/proxy `source/extensions/filters/http/istio_stats`), and of
/// Envoy's those of the inbound listener.
enum SidecarMetrics {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ reports: [TrafficReport], version: String) -> String {
        var build = MetricFamily("istio_build", .gauge)
        build.add(1, [("component", "proxy"), ("tag", version)])
        var requests = MetricFamily("istio_requests_total")
        var opened = MetricFamily("istio_tcp_connections_opened_total")
        var closed = MetricFamily("istio_tcp_connections_closed_total")
        var received = MetricFamily("istio_tcp_received_bytes_total")
        var sent = MetricFamily("istio_tcp_sent_bytes_total")
        var inbound = InboundListener()
        for report in reports {
            if report.reporter == .destination {
                inbound.add(report)
                // What no filter chain matches reaches no filter that could count it.
                if report.isRefused { continue }
            }
            let labels = MetricLabels(labels(report))
            if report.speaksHTTP {
                requests.add(report.count, labels)
            } else {
                opened.add(report.count, labels)
                closed.add(report.count, labels)
                guard report.path.outcome == .carried else { continue }
                received.add(report.count * TrafficReport.received, labels)
                sent.add(report.count * TrafficReport.sent, labels)
            }
        }
        return [build, requests, opened, closed, received, sent].map(\.text).joined()
            + inbound.text
    }

    /// The listener that takes every inbound connection.
    private struct InboundListener {
        private var unmatched: Int64 = 0
        private var handshakes: Int64 = 0
        private var withoutCertificate: Int64 = 0

        mutating func add(_ report: TrafficReport) {
            if report.path.reason == .strictRefusesTLS {
                withoutCertificate += report.count
            } else if report.isRefused {
                unmatched += report.count
            } else if report.isMeshTLS {
                handshakes += report.count
            }
        }

        var text: String {
            [
                ("no_filter_chain_match", unmatched), ("ssl_handshake", handshakes),
                ("ssl_connection_error", withoutCertificate),
                ("ssl_fail_verify_no_cert", withoutCertificate),
            ].map { name, value in
                let family = "envoy_listener_\(name)"
                return "# TYPE \(family) counter\n"
                    + "\(family){listener_address=\"0.0.0.0_15006\"} \(value)\n"
            }.joined()
        }
    }

    private static func labels(_ report: TrafficReport) -> [(String, String)] {
        // Without mTLS neither end learns who the other is: the client by what it knows of the endpoint only.
        let isKnown = report.isMeshTLS && !report.isGarbled
        let stranger = TrafficParty()
        let client = report.reporter == .source || isKnown ? report.client : stranger
        let server = report.server
        let service = serviceLabels(report)
        var labels = [
            ("reporter", report.reporter.rawValue),
            ("source_workload", client.workload.orUnknown),
            ("source_canonical_service", client.canonicalName.orUnknown),
            (
                "source_canonical_revision",
                client.canonicalRevision.isEmpty ? "latest" : client.canonicalRevision
            ),
            ("source_workload_namespace", client.namespace.orUnknown),
            ("source_principal", isKnown ? client.identity ?? "unknown" : "unknown"),
            ("source_app", client.application.orUnknown),
            ("source_version", client.version.orUnknown),
            ("source_cluster", client.namespace.isEmpty ? "unknown" : "Kubernetes"),
            ("destination_workload", server.workload.orUnknown),
            ("destination_workload_namespace", server.namespace.orUnknown),
            ("destination_principal", isKnown ? server.identity ?? "unknown" : "unknown"),
            ("destination_app", server.application.orUnknown),
            ("destination_version", server.version.orUnknown),
            ("destination_service", service.host),
            ("destination_canonical_service", server.canonicalName.orUnknown),
            ("destination_canonical_revision", server.canonicalRevision.orUnknown),
            ("destination_service_name", service.name),
            ("destination_service_namespace", service.namespace),
            ("destination_cluster", server.namespace.isEmpty ? "unknown" : "Kubernetes"),
            ("request_protocol", report.speaksHTTP ? "http" : "tcp"),
        ]
        let answer = report.answer
        if report.speaksHTTP {
            labels += [("response_code", "\(answer.code)"), ("grpc_response_status", "")]
        }
        return labels + [
            ("response_flags", answer.flags),
            ("connection_security_policy", report.securityPolicy),
        ]
    }

    private static func serviceLabels(
        _ report: TrafficReport
    ) -> (host: String, name: String, namespace: String) {
        if report.path.reason == .registryOnly { return ("unknown", "BlackHoleCluster", "unknown") }
        if let service = report.service { return service }
        // A pod's address belongs to no Service.
        let address = "\(report.server.address):\(report.path.port)"
        return report.reporter == .source
            ? (address, "PassthroughCluster", "unknown")
            : (address, "InboundPassthroughCluster", report.server.namespace.orUnknown)
    }
}

extension TrafficReport {
    /// TLS that is passed through is no HTTP to the proxy.
    var speaksHTTP: Bool { flow.transport == .http && path.sent != .tls }

    /// Of a source it is always unknown (istio_stats, `populateFlagsAndConnectionSecurity`).
    fileprivate var securityPolicy: String {
        if reporter == .source { return "unknown" }
        return isMeshTLS ? "mutual_tls" : "none"
    }

    /// What a sidecar answers, with Envoy's response flags.
    var answer: (code: Int, flags: String) {
        switch path.outcome {
        case .refused where path.reason == .registryOnly: speaksHTTP ? (502, "-") : (0, "UH")
        case .refused: speaksHTTP ? (503, "UC") : (0, "-")
        case .garbled: speaksHTTP ? (503, "URX,UF") : (0, "URX,UF")
        case .carried, .bypassed, .unknown: (200, "-")
        }
    }
}
