package import KubernetesClient
import Diagnostics
import JSON
import MeshModel

extension ClusterObserver {
    /// The observed state with what the judging of flows needs besides: Services, their endpoints, and
    /// Istio's traffic resources. A kind that does not exist is none; one that may not be listed is said.
    package func observeFlows(
        rootNamespace: String? = nil
    ) async throws(KubernetesError) -> Observation {
        var observation = try await observe(rootNamespace: rootNamespace)
        var flows = FlowObjects()
        flows.services = try await listed(
            .services, ServiceResource.self, &observation, &flows.unreadable
        )
        .map(\.service)
        flows.endpointSlices = try await listed(
            .endpointSlices, EndpointSliceResource.self, &observation, &flows.unreadable
        ).map(\.slice)
        flows.destinationRules = try await listed(
            .destinationRules, DestinationRuleResource.self, &observation, &flows.unreadable
        ).map(\.rule)
        flows.serviceEntries = try await listed(
            .serviceEntries, ServiceEntryResource.self, &observation, &flows.unreadable
        ).map(\.entry)
        flows.sidecarScopes = try await listed(
            .sidecarScopes, SidecarScopeResource.self, &observation, &flows.unreadable
        ).map(\.scope)
        flows.settings = observation.state.flows.settings
        flows.revisedSettings = observation.state.flows.revisedSettings
        do {
            try await edgeObjects(into: &flows)
        } catch let error as KubernetesError {
            throw error
        } catch {
            throw .cancelled
        }
        observation.state.flows = flows
        return observation
    }

    private func listed<Item: Decodable & Sendable>(
        _ resource: KubernetesResource, _ type: Item.Type, _ observation: inout Observation,
        _ unreadable: inout Set<String>
    ) async throws(KubernetesError) -> [Item] {
        do {
            return try await client.list(resource, decoder: .json(type))?.items ?? []
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            unreadable.insert(resource.kind)
            observation.diagnostics.append(
                Diagnostic(
                    .cannotJudge, .warning,
                    "\(resource.text) may not be listed: the verdicts are made as if there were none"
                ))
            return []
        }
    }
}
