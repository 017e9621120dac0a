import MeshModel

/// The lines of an `istio-proxy` container: the agent's, and Envoy's access log in Istio's default format.
enum SidecarLog {
    /// Each after the time and a tab.
    static func start(_ version: String) -> [String] {
        [
            "info\tFLAG: --domain=\"svc.cluster.local\"", "info\tVersion \(version)",
            "info\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012",
            "info\tEnvoy proxy is ready",
        ]
    }

    static func errors(_ fault: Fault.Kind) -> (error: String, end: String?)? {
        switch fault {
        case .xdsErrors:
            (
                "warning\tenvoy config\tDeltaAggregatedResources gRPC config stream to xds-grpc "
                    + "closed: 14, connection error: desc = \"transport: Error while dialing: dial "
                    + "tcp: connect: connection refused\"",
                "info\txdsproxy\tconnected to delta upstream XDS server: "
                    + "istiod.istio-system.svc:15012"
            )
        case .certificateErrors:
            (
                "error\tcache\tresource:default failed to sign: create certificate: rpc error: "
                    + "code = Unavailable desc = connection error", nil
            )
        default: nil
        }
    }

    /// (istio `pilot/pkg/model/telemetry_logging.go:EnvoyTextLogFormat`)
    static func access(_ report: TrafficReport, _ number: Int64, _ time: Int64) -> String {
        let isInbound = report.reporter == .destination
        let target = "\(report.server.address):\(report.path.port)"
        let source = "\(report.client.address):\(ephemeralPort(number))"
        let start = "[\(ContainerLog.time(time).dropLast(4))Z]"
        if isInbound, report.isRefused {
            return
                "\(start) \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" "
                + "\"-\" \"-\" - - \(target) \(source) - -"
        }
        let answer = report.answer
        let details =
            report.path.outcome == .carried
            ? "via_upstream"
            : "upstream_reset_before_response_started{connection_termination}"
        let failure =
            report.isGarbled
            ? "TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"
            : "-"
        let host = report.service.map { "\($0.host):\(report.flow.target.port)" } ?? target
        let cluster =
            isInbound
            ? "inbound|\(report.path.port)||"
            : report.service.map { "outbound|\(report.flow.target.port)||\($0.host)" }
                ?? "PassthroughCluster"
        let name = report.serverName
        let isAnswered = report.path.outcome == .carried
        let bytes = isAnswered ? "\(TrafficReport.received) \(TrafficReport.sent)" : "0 95"
        guard report.speaksHTTP else {
            return
                "\(start) \"- - -\" 0 \(answer.flags) - - \"\(failure)\" \(bytes) 2 - \"-\" \"-\" "
                + "\"-\" \"-\" \"\(target)\" \(cluster) \(source) \(target) \(source) \(name) -"
        }
        return
            "\(start) \"GET / HTTP/1.1\" \(answer.code) \(answer.flags) \(details) - \"\(failure)\" "
            + "\(bytes) 2 1 \"-\" \"curl/8.10.1\" \"-\" \"\(host)\" \"\(target)\" \(cluster) "
            + "\(source) \(target) \(source) \(name) default"
    }
}

extension TrafficReport {
    /// Of the client's TLS, which for a sidecar's is the Service with its port
    /// (istio `pilot/pkg/model/service.go:BuildDNSSrvSubsetKey`); `-` for none, and inside HBONE.
    fileprivate var serverName: String {
        guard reporter == .destination, path.sent == .mtls, let service else { return "-" }
        return "outbound_.\(flow.target.port)_._.\(service.host)"
    }
}

/// What an application says of a request that failed: what its HTTP library gave it.
enum ApplicationLog {
    static func failure(_ report: TrafficReport, _ time: Int64) -> String {
        let host = report.service?.host ?? report.server.address
        let name = "\(host):\(report.flow.target.port)"
        return
            "\(ContainerLog.time(time)) \(report.speaksHTTP ? "GET http://\(name)/" : name): \(why(report))"
    }

    private static func why(_ report: TrafficReport) -> String {
        let hasSidecar = report.path.clientProxy == report.path.client
        guard hasSidecar, report.speaksHTTP else {
            return "curl: (56) Recv failure: Connection reset by peer"
        }
        if report.path.reason == .registryOnly { return "HTTP 502" }
        return "HTTP 503: " + (report.isGarbled ? EnvoyWords.wrongVersion : EnvoyWords.terminated)
    }
}

/// What Envoy answers in the place of a server.
enum EnvoyWords {
    private static let head =
        "upstream connect error or disconnect/reset before headers. reset reason: "
    static let terminated = head + "connection termination"
    static let unreachable = head + "connection failure"
    static let wrongVersion =
        head + "remote connection failure, transport failure reason: TLS_error:|268435703:SSL "
        + "routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end"
    static let noEndpoint = "no healthy upstream"
}
