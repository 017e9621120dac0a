/// What decides about flows besides pods and their policies.
package struct FlowObjects: Sendable, Equatable {
    package var services: [Service]
    package var endpointSlices: [EndpointSlice]
    package var destinationRules: [DestinationRule]
    package var serviceEntries: [ServiceEntry]
    package var sidecarScopes: [SidecarScope]
    package var settings: MeshSettings
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
}
