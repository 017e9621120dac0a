/// All that is needed to talk to one cluster.
package struct ConnectionSettings: Sendable {
    package var server: ServerURL
    package var tls: TLSSettings
    package var credentials: ClusterCredentials
    package var impersonation: Impersonation?
    package var proxy: ProxySettings?
    /// Where commands look when no namespace is given.
    package var namespace: String
    /// Bounds one request, not its retries; zero is no bound.
    package var requestTimeout: Duration
    package var compresses: Bool
    /// Where the settings come from, for messages; nil for a server given by its address alone.
    package var origin: Origin?

    package struct Origin: Sendable, Hashable {
        /// The kubeconfig files that were read, or the folder of an in-cluster service account.
        package var files: [String]
        package var context: String?
        package var cluster: String?
        package var user: String?

        package init(
            files: [String], context: String? = nil, cluster: String? = nil, user: String? = nil
        ) {
            self.files = files
            self.context = context
            self.cluster = cluster
            self.user = user
        }
    }

    package init(
        server: ServerURL, tls: TLSSettings = TLSSettings(),
        credentials: ClusterCredentials = .none, impersonation: Impersonation? = nil,
        proxy: ProxySettings? = nil, namespace: String = "default",
        requestTimeout: Duration = .seconds(60), compresses: Bool = false, origin: Origin? = nil
    ) {
        self.server = server
        self.tls = tls
        self.credentials = credentials
        self.impersonation = impersonation
        self.proxy = proxy
        self.namespace = namespace
        self.requestTimeout = requestTimeout
        self.compresses = compresses
        self.origin = origin
    }
}

/// Who is trusted and who one is, in PEM.
package struct TLSSettings: Sendable, Hashable {
    /// Replaces the system's authorities when present.
    package var certificateAuthorities: [UInt8]?
    package var clientCertificate: [UInt8]?
    package var clientKey: Secret?
    /// The name that the server's certificate must bear, when it is not the host of the URL.
    package var serverName: String?
    package var skipsVerification: Bool

    package init(
        certificateAuthorities: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
        clientKey: Secret? = nil, serverName: String? = nil, skipsVerification: Bool = false
    ) {
        self.certificateAuthorities = certificateAuthorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.serverName = serverName
        self.skipsVerification = skipsVerification
    }
}

/// A proxy between here and the server. Its URL may hold a password.
package struct ProxySettings: Sendable, Hashable {
    package var url: Secret
    /// Hosts that are reached without it, as in `NO_PROXY`.
    package var exceptions: String

    package init(url: Secret, exceptions: String = "") {
        self.url = url
        self.exceptions = exceptions
    }
}

/// Acting as someone else (`--as`), which the server's RBAC has to allow.
package struct Impersonation: Sendable, Hashable {
    package var user: String
    package var uid: String?
    package var groups: [String]
    package var extra: [String: [String]]

    package init(
        user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }
}
