/// What decides about flows: Services and their endpoints, who is led or sent to them, and the rules of
/// Istio for both sides.
package struct FlowObjects: Sendable, Equatable {
    package var services: [Service]
    package var endpointSlices: [EndpointSlice]
    package var destinationRules: [DestinationRule]
    package var serviceEntries: [ServiceEntry]
    package var sidecarScopes: [SidecarScope]
    package var ingresses: [Ingress] = []
    package var ingressClasses: [IngressClass] = []
    package var routeGateways: [RouteGateway] = []
    package var gatewayRoutes: [GatewayRoute] = []
    package var istioGateways: [IstioGateway] = []
    package var virtualServices: [VirtualService] = []
    package var apiServerCalls: [APIServerCall] = []
    package var settings: MeshSettings
    package var mappings: [Mapping] = []
    package var tlsContexts: [TLSContext] = []
    package var tunnelClasses: [TunnelClass] = []
    /// By revision, where there are several.
    package var revisedSettings: [String: MeshSettings] = [:]
    /// Kinds that may not be listed: their lists are empty, and that says nothing.
    package var unreadable: Set<String>

    package init(
        services: [Service] = [], endpointSlices: [EndpointSlice] = [],
        destinationRules: [DestinationRule] = [], serviceEntries: [ServiceEntry] = [],
        sidecarScopes: [SidecarScope] = [], settings: MeshSettings = MeshSettings(),
        unreadable: Set<String> = []
    ) {
        self.services = services
        self.endpointSlices = endpointSlices
        self.destinationRules = destinationRules
        self.serviceEntries = serviceEntries
        self.sidecarScopes = sidecarScopes
        self.settings = settings
        self.unreadable = unreadable
    }

    /// As the istiod of the pod's proxy has them: the injector writes its revision on the pod, as a label and
    /// an annotation.
    package func settings(for pod: Pod) -> MeshSettings {
        guard !revisedSettings.isEmpty,
            let revision = pod.meta.annotations[LabelKeys.revision]
                ?? pod.meta.labels[LabelKeys.revision]
        else { return settings }
        return revisedSettings[revision] ?? settings
    }
}
