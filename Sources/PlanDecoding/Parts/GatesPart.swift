import Diagnostics
import MeshModel

/// `spec.gates`
enum GatesPart {
    static let object = PlanObject(
        "Settings of the built-in gates, and gates of your own.",
        [
            PlanKey(
                "ztunnel-logs", .object(ztunnelLogs), "What ztunnel's logs may hold."),
            PlanKey("no-plaintext", .object(noPlaintext), "How long plaintext is looked for."),
            PlanKey("dns-ready", .object(dnsReady), "Which pods are the cluster's DNS."),
            PlanKey(
                "approval", .list(.object(ApprovalGate.object)),
                "A person's word before a stage or wave."),
            PlanKey(
                "probe", .list(.object(ProbeGate.object)), "Requests from short-lived pods."),
            PlanKey(
                "prometheus", .list(.object(PrometheusGate.object)),
                "Queries whose values have to stay within bounds."),
            PlanKey(
                "prometheusServer", .object(PrometheusServerPart.object),
                "Where the queries of `prometheus` are asked, and `no-plaintext` looks."),
            PlanKey(
                "accept", .list(.object(AcceptedDoubtPart.object)),
                "Inconclusive gates that somebody answers for."),
        ])

    static let ztunnelLogs = PlanObject(
        "What ztunnel's logs may hold.",
        [
            PlanKey("window", .duration, "How far back they are read.", default: "10m"),
            PlanKey(
                "maximumErrors", .integer(0...1_000_000), "Errors that still pass.", default: "0"),
        ])

    static let noPlaintext = PlanObject(
        "How long plaintext is looked for.",
        [PlanKey("window", .duration, "How long traffic is watched.", default: "30m")])

    static let dnsReady = PlanObject(
        "Which pods are the cluster's DNS.",
        [
            PlanKey("namespace", .name(.label), "Their namespace.", default: "kube-system"),
            PlanKey("selector", .labels, "Their labels.", default: "{k8s-app: kube-dns}"),
        ])

    static func settings(_ cursor: PlanCursor) -> GateSettings {
        var settings = GateSettings()
        guard let fields = cursor.fields(object) else { return settings }
        if let logs = fields["ztunnel-logs"]?.fields(ztunnelLogs) {
            if let window = logs["window"]?.positiveDuration() {
                settings.ztunnelLogs.window = window
            }
            if let count = logs["maximumErrors"]?.integer(0...1_000_000) {
                settings.ztunnelLogs.maximumErrors = count
            }
        }
        if let window = fields["no-plaintext"]?.fields(noPlaintext)?["window"]?.positiveDuration() {
            settings.noPlaintext.window = window
        }
        if let dns = fields["dns-ready"]?.fields(dnsReady) {
            if let namespace = dns["namespace"]?.name(.label) {
                settings.dnsReady.namespace = namespace
            }
            if let selector = dns["selector"]?.selector() { settings.dnsReady.selector = selector }
        }
        settings.approvals = fields.list("approval", ApprovalGate.gate)
        settings.probes = fields.list("probe", ProbeGate.gate)
        settings.prometheusServer = fields["prometheusServer"].flatMap(PrometheusServerPart.server)
        settings.prometheus = queries(fields, settings.prometheusServer)
        settings.accepted = fields.list("accept", AcceptedDoubtPart.entry)
        return settings
    }

    private static func queries(
        _ fields: PlanFields, _ server: PrometheusServer?
    ) -> [GateSettings.PrometheusCheck] {
        if let list = fields["prometheus"], !list.isEmptyList, fields["prometheusServer"] == nil {
            list.report(
                .missingKey, "`spec.gates` needs the key `prometheusServer`",
                detail: "It says where the queries are asked, for example "
                    + "{namespace: istio-system, service: prometheus}.",
                at: fields.keyRange("prometheus"))
        }
        return fields.list("prometheus") { PrometheusGate.gate($0, server) }
    }
}
