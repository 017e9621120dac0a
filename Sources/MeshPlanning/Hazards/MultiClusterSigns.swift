import MeshModel

/// What shows that the mesh has other clusters, and which Services it opens to them. Each as the beginning of
/// a sentence. Secrets of remote clusters are never read.
struct MultiClusterSigns {
    /// The best sign there is.
    let first: String
    private let passthrough: [IstioGateway]
    /// An east-west gateway of which nobody may read what it exposes.
    private let unread: String?
    private let ofAmbient: String?

    private static let network = "topology.istio.io/network"

    /// nil where nothing shows other clusters.
    init?(_ state: MeshState) {
        let services = state.flows.services.filter {
            $0.meta.labels["istio"] == "eastwestgateway" || $0.meta.labels[Self.network] != nil
        }.map { "Service \($0.meta.text)" }
        let pods = state.pods.filter { $0.isLive && $0.meta.labels["istio"] == "eastwestgateway" }
            .map { "pod \($0.text)" }
        let ambient = state.pods.filter {
            $0.isLive
                && $0.meta.labels["gateway.networking.k8s.io/gateway-class-name"]
                    == "istio-east-west"
        }.map { "pod \($0.text)" }
        passthrough = state.flows.istioGateways.filter { !$0.passthroughHosts.isEmpty }
            .sorted { $0.meta.text < $1.meta.text }
        ofAmbient = ambient.min().map { "\($0) is an east-west gateway" }
        let gateway = (services + pods + ambient).min().map { "\($0) is an east-west gateway" }
        unread = state.flows.unreadable.contains("Gateway") ? gateway : nil
        let root = state.namespaces.first { $0.name == state.rootNamespace }
        let found =
            gateway ?? passthrough.first.map(Self.sentence)
            ?? root?.meta.labels[Self.network].map {
                "namespace \(state.rootNamespace) is of network \($0)"
            }
        guard let found else { return nil }
        first = found
    }

    func expose(_ service: Service) -> Bool { way(to: service) != nil }

    /// How the Service is open to other clusters.
    func exposing(_ service: Service) -> String { way(to: service) ?? first }

    private func way(to service: Service) -> String? {
        let gateway = passthrough.first { gateway in
            gateway.passthroughHosts.contains { $0.covers(service.host) }
        }
        if let gateway { return Self.sentence(of: gateway) }
        if let ofAmbient, service.meta.labels["istio.io/global"] == "true" {
            return "\(ofAmbient), and the label istio.io/global opens Services to it"
        }
        return unread.map { "\($0), and Gateways that say what it exposes may not be listed" }
    }

    private static func sentence(of gateway: IstioGateway) -> String {
        "Gateway \(gateway.meta.text) hands mTLS from other clusters on (AUTO_PASSTHROUGH)"
    }
}
