import Diagnostics
import MeshModel

/// One item of `spec.clients`
enum ClientPart {
    static let modes: [ClientTLSMode] = [.disable, .simple, .istioMutual]

    static let object = PlanObject(
        "What clients send to a host, where Istio would choose wrongly.",
        [
            PlanKey(
                "host", .name(.subdomain),
                "The Service's full name, as in `web.shop.svc.cluster.local`.", required: true),
            PlanKey(
                "ports", .ports(modes.map(\.rawValue)), "Service ports, each with its TLS mode.",
                required: true),
            PlanKey("reason", .text, "Why the rule is needed."),
            PlanKey(
                "adopt", .flag,
                "Merge the rule into the DestinationRule that is there for the host.",
                default: "false"),
        ])

    static func entry(_ cursor: PlanCursor) -> ClientEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let host = fields["host"].flatMap(host)
        let ports = fields["ports"].flatMap(ports)
        let reason = fields["reason"]?.text()
        let adopt = fields["adopt"]?.flag()
        guard let host, let ports else { return nil }
        var entry = ClientEntry(host: host, ports: ports)
        entry.reason = reason
        entry.adopt = adopt ?? false
        entry.range = fields["host"]?.place
        return entry
    }

    private static func host(_ cursor: PlanCursor) -> String? {
        guard let host = cursor.name(.subdomain) else { return nil }
        guard ServiceHost(host) != nil else {
            let parts = host.split(separator: ".")
            let (name, namespace) = (parts[0], parts.dropFirst().first ?? "NAMESPACE")
            cursor.report(
                .invalidValue, "\(quote(host)) is not the full name of a Service",
                detail: "Istio completes no name that has a dot. Write "
                    + "`\(name).\(namespace).svc.cluster.local`.")
            return nil
        }
        return host
    }

    private static func ports(_ cursor: PlanCursor) -> [Int: ClientTLSMode]? {
        guard let ports = cursor.ports(ClientTLSMode.allCases, kind: "Service") else { return nil }
        for (_, mode) in ports where !modes.contains(mode) {
            cursor.report(
                .invalidValue, "a client rule cannot be `\(mode.rawValue)`",
                detail: "That mode needs a client certificate of its own, which a plan file does "
                    + "not name. Allowed: \(modes.map(\.rawValue).joined(separator: ", ")).")
            return nil
        }
        return ports
    }
}
