/// What a port of a pod is declared to speak, as far as a sidecar's listener differs by it.
package enum PortProtocol: String, Sendable, Hashable, CaseIterable {
    /// HTTP, HTTP/2, gRPC: the listener reads it.
    case http
    /// Anything that the listener passes on as bytes, TLS included.
    case tcp
    /// Declared without a protocol: the listener looks at the first bytes.
    case sniffed
    /// In no Service: handled as `sniffed`.
    case undeclared
    case udp

    /// From a Service's port: `appProtocol`, else the name up to its first dash, else a few well-known
    /// ports (istio `pkg/config/kube/conversion.go:ConvertProtocol`).
    package init(_ port: ServicePort) {
        guard port.transport != "UDP" else {
            self = .udp
            return
        }
        if let name = port.appProtocol, let known = Self(named: name) {
            self = known
        } else if let known = Self(named: String(port.name.prefix { $0 != "-" })) {
            self = known
        } else if port.name.lowercased().hasPrefix("grpc-web") {
            self = .http
        } else {
            self = Self.serverFirstPorts.contains(port.number) ? .tcp : .sniffed
        }
    }

    /// nil for a name that Istio does not know.
    package init?(named name: String) {
        switch name.lowercased() {
        case "http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws":
            self = .http
        case "tcp", "tls", "https", "mongo", "mysql", "redis", "kubernetes.io/wss": self = .tcp
        case "udp": self = .udp
        default: return nil
        }
    }

    /// From a port that carries its protocol in a field of its own, as in Istio's resources.
    package init(protocolName: String, name: String, number: Int) {
        self =
            Self(named: protocolName)
            ?? PortProtocol(ServicePort(name: name, number: number))
    }

    /// SMTP, DNS, MySQL, MongoDB (istio `pkg/config/kube/conversion.go`).
    private static let serverFirstPorts: Set<Int> = [25, 53, 3306, 27017]
}

/// What the application speaks inside whatever its proxy makes of it.
package enum ApplicationProtocol: String, Sendable, Hashable, CaseIterable {
    case http, http2, tcp
}
