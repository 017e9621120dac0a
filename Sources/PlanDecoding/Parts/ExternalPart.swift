import Diagnostics
import MeshModel

/// One item of `spec.external`
enum ExternalPart {
    /// What `ServicePort.protocol` of a ServiceEntry takes.
    static let protocols = ["HTTP", "HTTPS", "HTTP2", "GRPC", "MONGO", "TCP", "TLS"]
    /// STATIC wants endpoints, which a plan file does not name.
    static let resolutions: [ExternalEntry.Resolution] = [.dns, .dnsRoundRobin, .none]
    static let tlsModes: [ClientTLSMode] = [.simple, .mutual]

    static let object = PlanObject(
        "A host outside the cluster that workloads may call.",
        [
            PlanKey(
                "host", .pattern("^(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"),
                "The host's DNS name; `*.` may stand before it with `resolution: NONE`.",
                required: true),
            PlanKey(
                "namespace", .name(.label), "Where the ServiceEntry is written.", required: true),
            PlanKey(
                "port", .integer(PlanCursor.ports), "The port that clients call.", required: true),
            PlanKey(
                "protocol", .oneOf(protocols), "What clients speak on the port.", required: true),
            PlanKey(
                "targetPort", .integer(PlanCursor.ports), "The port of the host itself.",
                default: "`port`"),
            PlanKey(
                "resolution", .oneOf(resolutions.map(\.rawValue)),
                "How the proxy finds the host's addresses.", default: "DNS"),
            PlanKey("tls", .object(tls), "TLS that the proxy adds on the way out."),
            PlanKey(
                "adopt", .flag,
                "Take over the ServiceEntry, and with `tls` the DestinationRule, that is there.",
                default: "false"),
        ])

    static let tls = PlanObject(
        "TLS that the proxy adds on the way out (DestinationRule).",
        [
            PlanKey(
                "mode", .oneOf(tlsModes.map(\.rawValue)),
                "`SIMPLE`, or `MUTUAL` with a client certificate.", required: true),
            PlanKey(
                "credentialName", .name(.subdomain),
                "The Secret with the certificate; needed for `MUTUAL`."),
            PlanKey("sni", .name(.subdomain), "The name asked for in the handshake."),
        ])

    static func entry(_ cursor: PlanCursor) -> ExternalEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let host = fields["host"].flatMap(host)
        let namespace = fields["namespace"]?.name(.label)
        let port = fields["port"]?.port()
        let spoken = fields["protocol"]?.choice(protocols.map { Word($0) })?.rawValue
        let targetPort = fields["targetPort"]?.port()
        let resolution = fields["resolution"]?.choice(resolutions)
        let tls = fields["tls"].flatMap(settings)
        let adopt = fields["adopt"]?.flag()
        check(fields, host: host, spoken: spoken, resolution: resolution)
        guard let host, let namespace, let port, let spoken else { return nil }
        var entry = ExternalEntry(
            host: host, namespace: namespace, port: port, protocol: spoken)
        entry.targetPort = targetPort
        entry.resolution = resolution ?? .dns
        entry.tls = tls
        entry.adopt = adopt ?? false
        entry.range = fields["host"]?.place
        return entry
    }

    private static func host(_ cursor: PlanCursor) -> String? {
        guard let text = cursor.string() else { return nil }
        let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
        guard KubernetesName.Form.subdomain.accepts(name) else {
            cursor.report(
                .invalidValue, "\(quote(text)) is not a host",
                detail: "Write a DNS name without scheme, port or path.")
            return nil
        }
        return text
    }

    private static func settings(_ cursor: PlanCursor) -> ExternalEntry.TLS? {
        guard let fields = cursor.fields(tls) else { return nil }
        let mode = fields["mode"]?.choice(tlsModes)
        let credentialName = fields["credentialName"]?.name(.subdomain)
        let sni = fields["sni"]?.name(.subdomain)
        if mode == .mutual, fields["credentialName"] == nil {
            cursor.report(
                .missingKey, "`tls.mode: MUTUAL` needs the key `credentialName`",
                detail: "It names the Secret with the client's certificate and key.",
                at: fields["mode"]?.place)
        }
        guard let mode else { return nil }
        var settings = ExternalEntry.TLS(mode: mode)
        settings.credentialName = credentialName
        settings.sni = sni
        return settings
    }

    private static func check(
        _ fields: PlanFields, host: String?, spoken: String?,
        resolution: ExternalEntry.Resolution?
    ) {
        if let spoken, ["HTTPS", "TLS"].contains(spoken), fields["tls"] != nil {
            fields.cursor.report(
                .conflictingKeys, "`tls` on a port that already speaks TLS",
                detail: "Clients would send TLS inside TLS. Say what they speak, such as "
                    + "`protocol: HTTP`, or remove `tls`.", at: fields.keyRange("tls"))
        }
        if resolution == ExternalEntry.Resolution.none, fields["targetPort"] != nil {
            fields.cursor.report(
                .conflictingKeys, "`targetPort` needs a `resolution` other than NONE",
                detail: "Without resolution the proxy keeps the address and port that the client "
                    + "called.", at: fields.keyRange("targetPort"))
        }
        if let host, host.hasPrefix("*."), fields["resolution"] == nil || resolution != nil,
            resolution != ExternalEntry.Resolution.none
        {
            fields.cursor.report(
                .conflictingKeys, "a host with `*.` needs `resolution: NONE`",
                detail: "There is no single name to look up.", at: fields["host"]?.place)
        }
    }
}

/// A word of a closed set that has no type of its own.
struct Word: RawRepresentable {
    let rawValue: String

    init(rawValue: String) { self.rawValue = rawValue }
    init(_ rawValue: String) { self.rawValue = rawValue }
}
