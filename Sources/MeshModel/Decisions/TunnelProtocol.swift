/// What cloudflared speaks to a Service's port, as the Cloudflare operator sets it up.
///
/// Seven levels, the first that says something wins (cloudflare-operator
/// `internal/controller/ingress/converters.go:determineProtocol`).
package enum TunnelProtocol {
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case ingressAnnotation = "annotation cloudflare.com/protocol of the Ingress"
        case ingressPortAnnotation = "annotation cloudflare.com/protocol-PORT of the Ingress"
        case serviceAnnotation = "annotation cloudflare.com/protocol of the Service"
        case appProtocol = "appProtocol of the Service's port"
        case portName = "name of the Service's port"
        case classDefault = "defaultProtocol of the TunnelIngressClassConfig"
        case portNumber = "number of the Service's port"
    }

    package struct Decision: Sendable, Hashable {
        /// `http`, `https`, `tcp`, `ws` …: the scheme of the URL that cloudflared calls.
        package var name: String
        package var decidedBy: Level

        package init(name: String, decidedBy: Level) {
            self.name = name
            self.decidedBy = decidedBy
        }

        /// What reaches the server: TLS without a certificate of the mesh, or plaintext.
        package var bytes: FlowBytes { ["https", "wss"].contains(name) ? .tls : .plaintext }

        /// As the server's proxy would read it.
        package var speaks: ApplicationProtocol {
            switch name {
            case "http", "https", "ws", "wss": .http
            case "h2mux", "grpc": .http2
            default: .tcp
            }
        }
    }

    /// - Parameter port: nil where the Service was not read; its number alone is known then.
    package static func decide(
        number: Int, ingressAnnotations: [String: String], serviceAnnotations: [String: String],
        port: ServicePort?, classDefault: String
    ) -> Decision {
        if let name = written(ingressAnnotations[annotation]) {
            return Decision(name: name, decidedBy: .ingressAnnotation)
        }
        if let name = written(ingressAnnotations["\(annotation)-\(number)"]) {
            return Decision(name: name, decidedBy: .ingressPortAnnotation)
        }
        if let name = written(serviceAnnotations[annotation]) {
            return Decision(name: name, decidedBy: .serviceAnnotation)
        }
        if let name = written(port?.appProtocol) {
            return Decision(name: ofAppProtocol(name), decidedBy: .appProtocol)
        }
        if let name = port.flatMap({ ofPortName[$0.name] }) {
            return Decision(name: name, decidedBy: .portName)
        }
        if let name = written(classDefault) {
            return Decision(name: name, decidedBy: .classDefault)
        }
        return Decision(name: ofNumber[number] ?? "http", decidedBy: .portNumber)
    }

    private static let annotation = "cloudflare.com/protocol"

    private static func written(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A name that the operator does not know goes through as it is.
    private static func ofAppProtocol(_ name: String) -> String {
        switch name {
        case "kubernetes.io/h2c", "h2c": "h2mux"
        case "kubernetes.io/ws", "ws": "ws"
        case "kubernetes.io/wss", "wss": "wss"
        case "http", "HTTP", "grpc", "GRPC": "http"
        case "https", "HTTPS": "https"
        case "tcp", "TCP": "tcp"
        case "udp", "UDP": "udp"
        default: name
        }
    }

    /// Whole names: unlike Istio, the operator does not cut them at a dash.
    private static let ofPortName = [
        "http": "http", "http-web": "http", "http-api": "http", "web": "http", "https": "https",
        "https-web": "https", "https-api": "https", "secure": "https", "grpc": "http",
        "grpc-web": "http", "h2c": "h2mux", "http2": "h2mux", "ws": "ws", "websocket": "ws",
        "wss": "wss", "websocket-secure": "wss", "ssh": "ssh", "rdp": "rdp", "smb": "smb",
        "tcp": "tcp", "udp": "udp",
    ]

    private static let ofNumber = [
        443: "https", 22: "ssh", 3389: "rdp", 139: "smb", 445: "smb",
    ]
}
