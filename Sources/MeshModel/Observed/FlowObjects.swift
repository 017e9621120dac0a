/// What only the judging of flows needs: it is read for `explain` alone.
package struct FlowObjects: Sendable, Equatable {
    package var services: [Service]
    package var endpointSlices: [EndpointSlice]
    package var destinationRules: [DestinationRule]
    package var serviceEntries: [ServiceEntry]
    package var sidecarScopes: [SidecarScope]
    package var settings: MeshSettings

    package init(
        services: [Service] = [], endpointSlices: [EndpointSlice] = [],
        destinationRules: [DestinationRule] = [], serviceEntries: [ServiceEntry] = [],
        sidecarScopes: [SidecarScope] = [], settings: MeshSettings = MeshSettings()
    ) {
        self.services = services
        self.endpointSlices = endpointSlices
        self.destinationRules = destinationRules
        self.serviceEntries = serviceEntries
        self.sidecarScopes = sidecarScopes
        self.settings = settings
    }
}
