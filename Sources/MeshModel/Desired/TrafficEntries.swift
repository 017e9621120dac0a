package import Diagnostics

/// One item of `spec.clients`: client-side TLS towards a host.
package struct ClientEntry: Sendable, Equatable {
    package var host: String
    /// Service ports.
    package var ports: [Int: ClientTLSMode]
    package var reason: String?
    package var adopt = false
    package var range: SourceRange?

    package init(host: String, ports: [Int: ClientTLSMode]) {
        self.host = host
        self.ports = ports
    }
}

/// `ClientTLSSettings.TLSmode` of a DestinationRule.
package enum ClientTLSMode: String, Sendable, CaseIterable {
    case disable = "DISABLE"
    case simple = "SIMPLE"
    case mutual = "MUTUAL"
    case istioMutual = "ISTIO_MUTUAL"
}

/// One item of `spec.external`: a ServiceEntry, and a DestinationRule when `tls` is given.
package struct ExternalEntry: Sendable, Equatable {
    package struct TLS: Sendable, Equatable {
        package var mode: ClientTLSMode
        package var credentialName: String?
        package var sni: String?

        package init(mode: ClientTLSMode) { self.mode = mode }
    }

    package enum Resolution: String, Sendable, CaseIterable {
        case dns = "DNS"
        case dnsRoundRobin = "DNS_ROUND_ROBIN"
        case `static` = "STATIC"
        case none = "NONE"
    }

    package var host: String
    package var namespace: String
    package var port: Int
    package var `protocol`: String
    package var targetPort: Int?
    package var resolution: Resolution = .dns
    package var tls: TLS?
    package var adopt = false
    package var range: SourceRange?

    package init(host: String, namespace: String, port: Int, protocol: String) {
        self.host = host
        self.namespace = namespace
        self.port = port
        self.protocol = `protocol`
    }
}

/// One item of `spec.flows`: traffic that must be carried, or must be refused.
package struct FlowEntry: Sendable, Equatable {
    package enum Client: Sendable, Equatable {
        case external
        case apiserver
        case node(String)
        case cidr(String)
        case cluster(String)
        /// `workload` is a name, or `kind/name`.
        case workload(namespace: String, workload: String)
    }

    package enum Server: Sendable, Equatable {
        case service(namespace: String, name: String, port: Int)
        case pod(namespace: String, name: String, port: Int)
        case host(String, port: Int)
    }

    package enum Expectation: String, Sendable, CaseIterable {
        case carried, refused
    }

    package var from: Client
    package var to: Server
    package var expect: Expectation = .carried
    package var range: SourceRange?

    package init(from: Client, to: Server) {
        self.from = from
        self.to = to
    }
}

/// One item of `spec.ignoreFlows`; what is absent matches everything.
package struct IgnoredFlow: Sendable, Equatable {
    package struct Endpoint: Sendable, Equatable {
        package var namespace: String?
        package var workload: String?
        package var service: String?
        package var port: Int?

        package init() {}
    }

    package var from: Endpoint?
    package var to: Endpoint?
    package var reason: String
    package var range: SourceRange?

    package init(reason: String) { self.reason = reason }
}
