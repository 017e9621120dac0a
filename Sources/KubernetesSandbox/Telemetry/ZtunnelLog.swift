import MeshModel

/// The lines of a ztunnel in its plain format (istio/ztunnel `src/telemetry.rs`).
enum ZtunnelLog {
    /// Each after the time and a tab.
    static func start(_ version: String) -> [String] {
        [
            "info\tztunnel\tversion: version.BuildInfo{Version:\"\(version)\"}",
            "info\txds::client:xds{id=1}\tStream established",
            "info\treadiness\tTask 'proxy' complete (1.2ms), still awaiting 1 tasks",
            "info\treadiness\tTask 'state manager' complete (3.4ms), marking server ready",
        ]
    }

    /// What a fault has it write, and what it writes when that is over (`src/xds/client.rs`,
    /// `src/identity/manager.rs`).
    static func errors(_ fault: Fault.Kind) -> (error: String, end: String?)? {
        switch fault {
        case .xdsErrors:
            (
                "warn\txds::client:xds{id=1}\tXDS client connection error: gRPC connection error "
                    + "connecting to https://istiod.istio-system.svc:15012: status: Unavailable, "
                    + "message: \"error trying to connect: tcp connect error: Connection refused "
                    + "(os error 111)\", retrying in 15s",
                "info\txds::client:xds{id=2}\tStream established"
            )
        case .certificateErrors:
            (
                "warn\tidentity::manager\tcertificate fetch failed (signing gRPC error "
                    + "(Unavailable): error trying to connect) and no valid existing certificate; "
                    + "will retry in 15s", nil
            )
        default: nil
        }
    }

    /// An access log line (`src/proxy/metrics.rs:ConnectionResult`).
    static func access(_ report: TrafficReport, _ number: Int64, _ time: Int64) -> String {
        let (client, server, path) = (report.client, report.server, report.path)
        let isHBONE = path.sent == .hbone
        let target = "\(server.address):\(path.port)"
        let isInbound = report.reporter == .destination
        var fields: [(String, String?)] = [
            ("src.addr", "\(client.address):\(ephemeralPort(number))"),
            ("src.workload", quoted(client.pod)), ("src.namespace", quoted(client.namespace)),
            ("src.identity", isHBONE ? quoted(client.identity ?? "") : nil),
            ("dst.addr", isHBONE ? "\(server.address):15008" : target),
            ("dst.hbone_addr", isHBONE ? target : nil),
            ("dst.service", quoted(report.service?.host ?? "")),
            ("dst.workload", quoted(server.pod)), ("dst.namespace", quoted(server.namespace)),
            ("dst.identity", isHBONE ? quoted(server.identity ?? "") : nil),
            ("direction", quoted(isInbound ? "inbound" : "outbound")),
        ]
        let isAnswered = path.outcome == .carried
        let (received, sent) =
            isAnswered ? (TrafficReport.received, TrafficReport.sent) : (0, 0)
        fields += [
            ("bytes_sent", "\(isInbound ? sent : received)"),
            ("bytes_recv", "\(isInbound ? received : sent)"),
            ("duration", quoted(isAnswered ? "\(1 + number % 7)ms" : "0ms")),
            ("error", error(report).flatMap { quoted($0) }),
        ]
        let text = fields.compactMap { name, value in value.map { "\(name)=\($0)" } }
        let level = error(report) == nil ? "info" : "error"
        return "\(ContainerLog.time(time))\t\(level)\taccess\tconnection complete\t"
            + text.joined(separator: " ")
    }

    /// nil for an empty text: the field is left out.
    private static func quoted(_ text: String) -> String? { text.isEmpty ? nil : "\"\(text)\"" }

    private static func error(_ report: TrafficReport) -> String? {
        guard report.isRefused else { return nil }
        guard report.reporter == .destination else {
            return report.path.sent == .hbone
                ? "http status: 401 Unauthorized"
                : "io error: Connection reset by peer (os error 104)"
        }
        if let policy = report.path.deniedBy, !report.path.isReset {
            return "connection closed due to policy rejection: explicitly denied by: \(policy)"
        }
        return "connection closed due to policy rejection: allow policies exist, but none allowed"
    }
}
