/// A TunnelIngressClassConfig of the Cloudflare operator (`networking.cloudflare-operator.io`): which tunnel
/// serves the Ingresses of a class, and how.
package struct TunnelClass: Sendable, Hashable {
    package var meta: ObjectMeta
    /// `Tunnel` or `ClusterTunnel`.
    package var tunnelKind: String
    package var tunnelName: String
    /// Of a `Tunnel`; nil for the object's own, and for a `ClusterTunnel`.
    package var tunnelNamespace: String?
    /// `http`, `https`, `tcp` …; empty where it is not written.
    package var defaultProtocol: String

    package init(
        meta: ObjectMeta, tunnelKind: String = "", tunnelName: String = "",
        tunnelNamespace: String? = nil, defaultProtocol: String = ""
    ) {
        self.meta = meta
        self.tunnelKind = tunnelKind
        self.tunnelName = tunnelName
        self.tunnelNamespace = tunnelNamespace
        self.defaultProtocol = defaultProtocol
    }
}
