/// The rules by which flows are concluded from objects of the cluster; each has a section in `docs/flows.md`.
package enum FlowInference: String, Sendable, Hashable, Codable, CaseIterable {
    /// A Service of type NodePort or LoadBalancer is there for clients outside the cluster.
    case nodePort = "node-port"
    case ingress
    /// A backend of a route of the Gateway API, or of an Istio VirtualService bound to a Gateway.
    case gatewayRoute = "gateway-route"
    /// `prometheus.io/scrape`.
    case scrapeAnnotation = "scrape-annotation"
    case webhook
    case apiService = "api-service"
    /// A container's environment or arguments name a Service of the cluster.
    case reference
    /// The pods of a StatefulSet call each other through its headless Service.
    case headlessPeers = "headless-peers"
    /// A cloudflared tunnel of the Cloudflare operator.
    case tunnel
    /// An Emissary `Mapping`.
    case mapping
}
