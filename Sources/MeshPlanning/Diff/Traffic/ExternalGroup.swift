import Diagnostics
import MeshModel

/// The plan's entries for one host of one namespace: they become one ServiceEntry.
struct ExternalGroup {
    var namespace: String
    var host: String
    var entries: [ExternalEntry]

    /// In the order of the plan.
    static func grouped(_ entries: [ExternalEntry]) -> [ExternalGroup] {
        var groups: [ExternalGroup] = []
        var places: [String: Int] = [:]
        for entry in entries {
            let key = "\(entry.namespace)/\(entry.host)"
            if let index = places[key] {
                groups[index].entries.append(entry)
            } else {
                places[key] = groups.count
                groups.append(
                    ExternalGroup(
                        namespace: entry.namespace, host: entry.host, entries: [entry]))
            }
        }
        return groups
    }

    var adopt: Bool { entries.contains(where: \.adopt) }

    var range: SourceRange? { entries.first?.range }

    /// What the proxy adds on the way out, by port.
    var tls: [Int: ExternalEntry.TLS] {
        Dictionary(
            entries.compactMap { entry in entry.tls.map { (entry.port, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// `meshctl-api-example-com`, within what a name may have.
    var objectName: String {
        let words = host.hasPrefix("*.") ? "any." + host.dropFirst(2) : host
        let name = "meshctl-" + words.map { $0 == "." ? "-" : String($0) }.joined()
        return String(name.prefix(240))
    }

    /// Sidecars take `credentialName` only from a rule with a `workloadSelector`; otherwise it reaches
    /// gateways alone (istio/api `networking/v1/destination_rule.proto`, `ClientTLSSettings`).
    var credentialNotes: [Diagnostic] {
        entries.filter { $0.tls?.credentialName != nil }.map { entry in
            Diagnostic(
                .credentialOnlyAtGateways, .warning,
                "sidecars do not read the certificate for \(host):\(entry.port)",
                detail: "Istio gives `credentialName` of a rule without a workload selector to "
                    + "gateways only. Send this traffic through an egress gateway, or mount the "
                    + "certificate into the clients.", at: entry.range)
        }
    }
}
