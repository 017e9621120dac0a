/// The kinds of route of the Gateway API that lead to Services.
package enum GatewayRouteKind: String, Sendable, Hashable, CaseIterable {
    case http = "HTTPRoute"
    case grpc = "GRPCRoute"
    case tcp = "TCPRoute"
    case tls = "TLSRoute"
}

/// A route of `gateway.networking.k8s.io`: from which Gateways to which Services.
package struct GatewayRoute: Sendable, Hashable {
    /// A Gateway by name. Parents of other kinds, such as a Service in a mesh, are left out.
    package struct Parent: Sendable, Hashable {
        package var namespace: String
        package var name: String

        package init(namespace: String, name: String) {
            self.namespace = namespace
            self.name = name
        }
    }

    package var kind: GatewayRouteKind
    package var meta: ObjectMeta
    package var parents: [Parent]
    package var backends: [ServiceBackend]

    package init(
        kind: GatewayRouteKind, meta: ObjectMeta, parents: [Parent] = [],
        backends: [ServiceBackend] = []
    ) {
        self.kind = kind
        self.meta = meta
        self.parents = parents
        self.backends = backends
    }
}

/// A `Gateway` of `gateway.networking.k8s.io`.
package struct RouteGateway: Sendable, Hashable {
    package var meta: ObjectMeta
    /// `istio`, `istio-waypoint`, or another controller's.
    package var className: String
    /// `spec.addresses` of type Hostname: the Service in front of proxies that the Gateway did not make.
    package var hostnames: [String]

    package init(meta: ObjectMeta, className: String, hostnames: [String] = []) {
        self.meta = meta
        self.className = className
        self.hostnames = hostnames
    }
}
