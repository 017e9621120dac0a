package import MeshModel

/// Flows of cloudflared where the Cloudflare operator sets it up: from a tunnel's pods to the backends of
/// its Ingresses.
package enum TunnelFlows {
    /// `spec.controller` of the operator's IngressClasses.
    package static let controller = "cloudflare-operator.io/ingress-controller"

    /// One backend of an Ingress of such a class.
    package struct Backend: Sendable, Hashable {
        /// The Ingress's.
        package var ingress: ObjectMeta
        /// In the Ingress's namespace.
        package var service: String
        package var port: Int
        /// The parameters of the Ingress's class; nil where they were not read.
        package var tunnelClass: TunnelClass?

        package init(
            ingress: ObjectMeta, service: String, port: Int, tunnelClass: TunnelClass? = nil
        ) {
            self.ingress = ingress
            self.service = service
            self.port = port
            self.tunnelClass = tunnelClass
        }
    }

    /// Backends that are no Service that was read are left out.
    package static func flows(in state: MeshState, backends: [Backend]) -> [Flow] {
        guard !backends.isEmpty else { return [] }
        let services = Dictionary(
            state.flows.services.map { ($0.meta.text, $0) }, uniquingKeysWith: { first, _ in first }
        )
        let tunnels = state.topmostWorkloads.filter { workload in
            workload.kind != .replicaSet
                && [workload.meta.labels, workload.template.labels].contains(where: isTunnel)
        }
        return backends.flatMap { backend -> [Flow] in
            let namespace = backend.ingress.namespace
            guard let service = services["\(namespace)/\(backend.service)"] else { return [] }
            let spoken = TunnelProtocol.decide(
                number: backend.port, ingressAnnotations: backend.ingress.annotations,
                serviceAnnotations: service.meta.annotations, port: service.port(backend.port),
                classDefault: backend.tunnelClass?.defaultProtocol ?? "")
            return clients(of: backend, among: tunnels).map { client in
                Flow(
                    from: client,
                    to: .service(namespace: namespace, name: backend.service, port: backend.port),
                    origin: .inferred(.tunnel),
                    because: "Ingress \(backend.ingress.text) leads cloudflared here, by "
                        + "\(spoken.name) (\(spoken.decidedBy.rawValue))",
                    sends: spoken.bytes == .tls ? .tls : nil)
            }
        }
    }

    /// The tunnel's Deployment bears its name. Where it is not there, any tunnel may be it; and without one,
    /// the client is somebody without a proxy.
    private static func clients(
        of backend: Backend, among tunnels: [Workload]
    ) -> [Flow.Client] {
        let named = tunnels.filter { tunnel in
            guard let wanted = backend.tunnelClass, !wanted.tunnelName.isEmpty else { return false }
            let namespace =
                wanted.tunnelKind == "Tunnel"
                ? wanted.tunnelNamespace ?? wanted.meta.namespace : tunnel.meta.namespace
            return tunnel.meta.name == wanted.tunnelName && tunnel.meta.namespace == namespace
        }
        let found = named.isEmpty ? tunnels : named
        return found.isEmpty ? [.external] : found.map { .workload($0.id) }
    }

    /// As the operator labels what it makes (`internal/controller/utils.go`), and as charts do.
    private static func isTunnel(_ labels: [String: String]) -> Bool {
        ["cloudflare-operator.io/app", "app.kubernetes.io/name", "app"].contains {
            labels[$0] == "cloudflared"
        }
    }
}
