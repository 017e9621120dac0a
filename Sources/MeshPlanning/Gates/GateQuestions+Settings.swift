import MeshModel
import Timing

// The gates' questions with what the plan file says of them.

extension GateQuestion {
    /// What traffic through ztunnel rests on.
    static func ofZtunnel(
        in namespaces: [String], _ settings: GateSettings
    ) -> [GateQuestion] {
        [
            .ztunnelReady(ZtunnelReady(namespaces: namespaces)),
            .ztunnelLogs(ZtunnelLogs(settings.ztunnelLogs, in: namespaces)),
            .policy15008(Policy15008(namespaces: namespaces)),
        ]
    }
}

extension ZtunnelLogs {
    init(_ settings: GateSettings.ZtunnelLogs, in namespaces: [String]) {
        self.init(
            namespaces: namespaces, windowMilliseconds: settings.window.wholeMilliseconds,
            maximumErrors: settings.maximumErrors)
    }
}

extension NoPlaintext {
    init(_ targets: [Target], _ settings: GateSettings) {
        self.init(
            targets: targets,
            windowMilliseconds: settings.noPlaintext.window.wholeMilliseconds,
            server: settings.prometheusServer)
    }
}

extension DNSReady {
    init(_ settings: GateSettings.DNSReady) {
        self.init(namespace: settings.namespace, selector: settings.selector)
    }
}

extension ProbeRequest {
    init(_ probe: GateSettings.Probe, expects: Expectation = .success) {
        self.init(
            namespace: probe.namespace, image: probe.image, serviceAccount: probe.serviceAccount,
            url: probe.url, expects: expects,
            timeoutMilliseconds: probe.timeout.wholeMilliseconds)
    }
}

extension PrometheusQuery {
    init(_ check: GateSettings.PrometheusCheck) {
        self.init(
            name: check.name, query: check.query, minimum: check.minimum, maximum: check.maximum,
            server: check.server)
    }
}
