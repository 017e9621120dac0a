/// A Mapping or TCPMapping of Emissary (`getambassador.io`): a route to a Service.
package struct Mapping: Sendable, Hashable {
    package var meta: ObjectMeta
    /// As written: `[SCHEME://]NAME[.NAMESPACE][:PORT]`.
    package var service: String
    /// The name of a TLSContext; nil where the Mapping says nothing, or only that there is TLS.
    package var tlsContext: String?
    /// `tls: true`
    package var originatesTLS: Bool
    /// Of a TCPMapping, that it listens on; nil for a Mapping.
    package var listensOn: Int?

    package init(
        meta: ObjectMeta, service: String, tlsContext: String? = nil, originatesTLS: Bool = false,
        listensOn: Int? = nil
    ) {
        self.meta = meta
        self.service = service
        self.tlsContext = tlsContext
        self.originatesTLS = originatesTLS
        self.listensOn = listensOn
    }
}

/// A TLSContext of Emissary: the certificate that it shows, and the protocols that it offers.
package struct TLSContext: Sendable, Hashable {
    package var meta: ObjectMeta
    /// The name of a Secret, `NAME` or `NAME.NAMESPACE`; `istio-certs` is what the sidecar wrote.
    package var secret: String
    package var alpnProtocols: [String]

    package init(meta: ObjectMeta, secret: String = "", alpnProtocols: [String] = []) {
        self.meta = meta
        self.secret = secret
        self.alpnProtocols = alpnProtocols
    }
}
