import Diagnostics
import JSON
import KubernetesClient
import MeshModel
import MeshResources

/// What a list gave that may be refused: a role that may not see it can still plan, but has to be told.
struct OptionalList<Item: Sendable>: Sendable {
    var items: [Item] = []
    /// The resource that may not be listed.
    var refused: KubernetesResource?
}

extension ClusterObserver {
    /// Services, their endpoints, who is led to them, and Istio's traffic resources, all at the same time.
    /// A kind that does not exist is none; one that may not be listed is said, and is among `unread`.
    /// Mutating webhooks and the mesh's settings are not part of it: their objects say more than this.
    func flowObjects() async throws -> (FlowObjects, refused: [KubernetesResource]) {
        async let services = optional(.services, ServiceResource.self)
        async let slices = optional(.endpointSlices, EndpointSliceResource.self)
        async let rules = optional(.destinationRules, DestinationRuleResource.self)
        async let entries = optional(.serviceEntries, ServiceEntryResource.self)
        async let scopes = optional(.sidecarScopes, SidecarScopeResource.self)
        async let ingresses = optional(.ingresses, IngressResource.self)
        async let classes = optional(.ingressClasses, IngressClassResource.self)
        async let istioGateways = optional(.istioGateways, IstioGatewayResource.self)
        async let virtualServices = optional(.virtualServices, VirtualServiceResource.self)
        async let routeGateways = gatewayAPI(
            "gateways", "Gateway", ["v1", "v1beta1"], RouteGatewayResource.self)
        async let routes = gatewayRoutes()
        async let validating = optional(
            .validatingWebhookConfigurations, AdmissionWebhookResource.self)
        async let apiServices = optional(.apiServices, APIServiceResource.self)
        async let conversions = optional(.customResourceDefinitions, ConversionWebhookResource.self)

        var refused = Refusals()
        var flows = FlowObjects(
            services: refused.items(of: try await services).map(\.service),
            endpointSlices: refused.items(of: try await slices).map(\.slice),
            destinationRules: refused.items(of: try await rules).map(\.rule),
            serviceEntries: refused.items(of: try await entries).map(\.entry),
            sidecarScopes: refused.items(of: try await scopes).map(\.scope))
        flows.ingresses = refused.items(of: try await ingresses).map(\.ingress)
        flows.ingressClasses = refused.items(of: try await classes).map(\.ingressClass)
        flows.istioGateways = refused.items(of: try await istioGateways).map(\.gateway)
        flows.virtualServices = refused.items(of: try await virtualServices).map(\.virtualService)
        flows.routeGateways = refused.items(of: try await routeGateways).map(\.gateway)
        flows.gatewayRoutes = try await routes.flatMap { refused.items(of: $0) }
        flows.apiServerCalls =
            refused.items(of: try await validating).flatMap { $0.calls(.validatingWebhook) }
            + refused.items(of: try await apiServices).compactMap(\.call)
            + refused.items(of: try await conversions).compactMap(\.call)
        try await edgeObjects(into: &flows)
        return (flows, refused.resources)
    }

    private func gatewayRoutes() async throws -> [OptionalList<GatewayRoute>] {
        async let http = routes(.http, "httproutes", ["v1", "v1beta1"])
        async let grpc = routes(.grpc, "grpcroutes", ["v1", "v1alpha2"])
        async let tcp = routes(.tcp, "tcproutes", ["v1alpha2"])
        async let tls = routes(.tls, "tlsroutes", ["v1", "v1alpha3", "v1alpha2"])
        return try await [http, grpc, tcp, tls]
    }

    private func routes(
        _ kind: GatewayRouteKind, _ plural: String, _ versions: [String]
    ) async throws(KubernetesError) -> OptionalList<GatewayRoute> {
        let found = try await gatewayAPI(
            plural, kind.rawValue, versions, GatewayRouteResource.self)
        return OptionalList(items: found.items.map { $0.route(kind) }, refused: found.refused)
    }

    /// The list in the first version that the cluster serves.
    private func gatewayAPI<Item: Decodable & Sendable>(
        _ plural: String, _ kind: String, _ versions: [String], _ type: Item.Type
    ) async throws(KubernetesError) -> OptionalList<Item> {
        for version in versions {
            let resource = KubernetesResource.gatewayAPI(plural, kind, version: version)
            if let found = try await served(resource, type) { return found }
        }
        return OptionalList()
    }

    func optional<Item: Decodable & Sendable>(
        _ resource: KubernetesResource, _ type: Item.Type
    ) async throws(KubernetesError) -> OptionalList<Item> {
        try await served(resource, type) ?? OptionalList()
    }

    /// nil where the cluster does not know the resource.
    private func served<Item: Decodable & Sendable>(
        _ resource: KubernetesResource, _ type: Item.Type
    ) async throws(KubernetesError) -> OptionalList<Item>? {
        do {
            return try await client.list(resource, decoder: .json(type)).map {
                OptionalList(items: $0.items)
            }
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            return OptionalList(refused: resource)
        }
    }

    /// nil where it is not there, or may not be read.
    func readable(_ path: ObjectPath) async throws(KubernetesError) -> JSONValue? {
        do {
            return try await client.get(path)
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            return nil
        }
    }

    static func cannotJudge(without resource: KubernetesResource) -> Diagnostic {
        Diagnostic(
            .cannotJudge, .warning,
            "\(resource.text) may not be listed: \(consequence(of: resource))",
            detail: "Ask for the right to list them in all namespaces: "
                + "kubectl auth can-i list \(resource.text) --all-namespaces")
    }

    private static func consequence(of resource: KubernetesResource) -> String {
        switch resource.group {
        case "":
            "which flows lead to their pods is not known"
        case "discovery.k8s.io":
            "the endpoints of Services are taken from their selectors"
        case "admissionregistration.k8s.io", "apiregistration.k8s.io", "apiextensions.k8s.io":
            "which Services the API server calls for them is not known"
        case "networking.k8s.io", "gateway.networking.k8s.io":
            "whom they let in from outside is not known"
        default:
            switch resource.kind {
            case "Gateway", "VirtualService": "whom they let in from outside is not known"
            default: "the verdicts are made as if there were none"
            }
        }
    }
}

/// The resources that were refused while lists are put together.
private struct Refusals {
    private(set) var resources: [KubernetesResource] = []

    mutating func items<Item>(of list: OptionalList<Item>) -> [Item] {
        if let resource = list.refused { resources.append(resource) }
        return list.items
    }
}
