package import Timing

/// What goes into the `Authorization` header. Client certificates are part of `TLSSettings`.
package enum ClusterCredentials: Sendable {
    case none
    case token(Secret)
    /// A file that someone renews, such as a service account's; read again every minute.
    case tokenFile(String, fallback: Secret?)
    case basic(user: String, password: Secret)
    case plugin(CredentialPlugin, first: PluginCredential)
}

/// What a credential plugin answered. Kept in memory only.
package struct PluginCredential: Sendable, Hashable {
    package var token: Secret?
    package var clientCertificate: [UInt8]?
    package var clientKey: Secret?
    package var expires: Timestamp?

    package init(
        token: Secret? = nil, clientCertificate: [UInt8]? = nil, clientKey: Secret? = nil,
        expires: Timestamp? = nil
    ) {
        self.token = token
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.expires = expires
    }
}
