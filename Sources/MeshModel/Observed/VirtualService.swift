/// A `Gateway` of `networking.istio.io`: which pods it configures.
package struct IstioGateway: Sendable, Hashable {
    package var meta: ObjectMeta
    /// Labels of pods, in any namespace.
    package var selector: [String: String]
    /// Hosts whose mTLS it hands on to their pods as it comes (`tls.mode: AUTO_PASSTHROUGH`), as east-west
    /// gateways do; with a leading `*` or exact, without their namespace.
    package var passthroughHosts: [String]

    package init(
        meta: ObjectMeta, selector: [String: String] = [:], passthroughHosts: [String] = []
    ) {
        self.meta = meta
        self.selector = selector
        self.passthroughHosts = passthroughHosts
    }
}

/// A VirtualService, `networking.istio.io/v1`: where it leads, and on which gateways it holds.
package struct VirtualService: Sendable, Hashable {
    package struct Destination: Sendable, Hashable {
        /// As written: a full name, or a short one of the VirtualService's own namespace.
        package var host: String
        /// nil for the Service's only port.
        package var port: Int?

        package init(host: String, port: Int? = nil) {
            self.host = host
            self.port = port
        }
    }

    package var meta: ObjectMeta
    /// `name`, `namespace/name`, or `mesh` for the proxies of pods.
    package var gateways: [String]
    package var destinations: [Destination]

    package init(meta: ObjectMeta, gateways: [String] = [], destinations: [Destination] = []) {
        self.meta = meta
        self.gateways = gateways
        self.destinations = destinations
    }
}
