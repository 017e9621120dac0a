/// What Emissary sends to the Service of a Mapping.
///
/// Emissary is a client of the mesh by its own TLS, with the certificate that its sidecar writes for it: the
/// sidecar itself intercepts nothing (Emissary's guide "Istio integration").
package enum MappingTransport: Sendable, Hashable {
    case plaintext
    /// TLS that shows no certificate of the mesh; with the TLSContext that says so, where there is one.
    case tls
    /// The mesh's own: its certificate, and `istio` among the protocols.
    case meshTLS
    /// The mesh's certificate, but not its protocol: a STRICT port takes it, while a PERMISSIVE one does not
    /// recognise it and hands the handshake to the application.
    case meshTLSWithoutProtocol
    /// The TLSContext that it names was not found.
    case unknownContext(String)

    package static func decide(_ mapping: Mapping, contexts: [TLSContext]) -> MappingTransport {
        guard let name = mapping.tlsContext else {
            return mapping.originatesTLS || MappingTarget(mapping)?.isTLS == true
                ? .tls : .plaintext
        }
        // Contexts are Emissary's, not a namespace's; the Mapping's own namespace is the likelier one.
        let named = contexts.filter { $0.meta.name == name }
        guard
            let context = named.first(where: { $0.meta.namespace == mapping.meta.namespace })
                ?? named.first
        else { return .unknownContext(name) }
        let secret = context.secret.split(separator: ".").first ?? ""
        guard secret == Self.meshSecret else { return .tls }
        return context.alpnProtocols.contains { $0.hasPrefix("istio") }
            ? .meshTLS : .meshTLSWithoutProtocol
    }

    /// What the guide calls the Secret that Emissary makes of the sidecar's certificates.
    package static let meshSecret = "istio-certs"

    /// nil where it is not known.
    package var bytes: FlowBytes? {
        switch self {
        case .plaintext: .plaintext
        case .tls, .meshTLSWithoutProtocol: .tls
        case .meshTLS: .mtls
        case .unknownContext: nil
        }
    }
}

/// Where a Mapping leads: `[SCHEME://]NAME[.NAMESPACE[.svc[.DOMAIN]]][:PORT]`.
package struct MappingTarget: Sendable, Hashable {
    package var namespace: String
    package var name: String
    package var port: Int
    package var isTLS: Bool

    /// nil for what is no such address.
    package init?(_ mapping: Mapping) {
        var rest = mapping.service[...]
        var scheme = ""
        if let range = rest.firstRange(of: "://") {
            scheme = rest[..<range.lowerBound].lowercased()
            rest = rest[range.upperBound...]
        }
        isTLS = scheme == "https"
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let host = parts.first else { return nil }
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65535).contains(number) else { return nil }
            port = number
        } else {
            port = isTLS ? 443 : 80
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = labels.first, !labels.contains("") else { return nil }
        // A name of more parts without `svc` is a host outside the cluster.
        guard labels.count <= 2 || labels[2] == "svc" else { return nil }
        name = String(first)
        namespace = labels.count > 1 ? String(labels[1]) : mapping.meta.namespace
    }
}
