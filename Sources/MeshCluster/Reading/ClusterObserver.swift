package import KubernetesClient
package import MeshModel
import MeshResources
package import Diagnostics
import JSON
import YAML

/// What was read, and what could not be judged from it.
package struct Observation: Sendable {
    package var state: MeshState
    package var diagnostics: [Diagnostic]

    package init(state: MeshState, diagnostics: [Diagnostic] = []) {
        self.state = state
        self.diagnostics = diagnostics
    }
}

/// Reads the observed state through the API: all lists at the same time, each page by page. Services and
/// what leads to them are read always: a plan, a rollback and an explanation need the same facts.
package struct ClusterObserver: Sendable {
    let client: KubernetesClient

    package init(_ client: KubernetesClient) { self.client = client }

    /// - Parameter rootNamespace: nil to take it from the mesh configuration.
    package func observe(
        rootNamespace: String? = nil
    ) async throws(KubernetesError) -> Observation {
        do {
            return try await read(rootNamespace: rootNamespace)
        } catch let error as KubernetesError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    private func read(rootNamespace: String?) async throws -> Observation {
        // One call alone first: a wrong address or credential is then one clear failure, not ten.
        let namespaces = try await list(.namespaces, NamespaceResource.self) ?? []
        async let policies = list(.peerAuthentications, PeerAuthenticationResource.self)
        async let pods = list(.pods, PodResource.self)
        async let deployments = workloads(.deployments, .deployment)
        async let statefulSets = workloads(.statefulSets, .statefulSet)
        async let daemonSets = workloads(.daemonSets, .daemonSet)
        async let replicaSets = workloads(.replicaSets, .replicaSet)
        async let jobs = workloads(.jobs, .job)
        async let cronJobs = workloads(.cronJobs, .cronJob)
        async let injectors = injectors()
        async let around = surroundings()
        async let istio = istioConfiguration()
        async let configMap = meshConfigMap()
        async let flowObjects = flowObjects()

        var diagnostics: [Diagnostic] = []
        let foundPolicies = try await policies
        if foundPolicies == nil {
            diagnostics.append(
                Diagnostic(
                    .cannotJudge,
                    "the cluster does not know peerauthentications.security.istio.io",
                    detail: "Istio's resource definitions are not installed, so no policy can be "
                        + "read or written. Install Istio (its base chart), then plan again."))
        }
        let (revisions, webhooks, webhookCalls) = try await injectors
        if webhookCalls.refused != nil { diagnostics.append(Self.revisionsAssumed) }
        let (foundMap, mapNote) = try await configMap
        if rootNamespace == nil { diagnostics += [mapNote].compactMap(\.self) }
        let (surroundings, unread) = try await around
        diagnostics += unread
        var (flows, refused) = try await flowObjects
        flows.apiServerCalls += webhookCalls.items
        refused += [webhookCalls.refused].compactMap(\.self)
        flows.unreadable = Set(refused.map(\.kind))
        diagnostics += refused.map(Self.cannotJudge)
        var state = MeshState(
            clusterUID: Self.clusterUID(namespaces),
            rootNamespace: rootNamespace ?? MeshConfiguration.rootNamespace(of: foundMap)
                ?? "istio-system",
            namespaces: namespaces.map(\.namespace),
            workloads: try await deployments + statefulSets + daemonSets + replicaSets + jobs
                + cronJobs,
            pods: try await (pods ?? []).map(\.pod),
            peerAuthentications: (foundPolicies ?? []).map(\.policy), revisions: revisions,
            flows: flows, surroundings: surroundings)
        var configuration = try await istio
        if let foundMap { try configuration.add(configMap: foundMap) }
        for webhooks in webhooks { configuration.add(webhooks) }
        configuration.configure(&state)
        state.keepRecognisedReferences()
        state.leaveOutStateNamespace()
        return Observation(state: state.sorted, diagnostics: diagnostics)
    }

    /// What an emergency needs of the cluster, in as few requests: namespaces, policies, the root namespace.
    package func observePolicies() async throws(KubernetesError) -> Observation {
        do {
            let namespaces = try await list(.namespaces, NamespaceResource.self) ?? []
            async let policies = list(.peerAuthentications, PeerAuthenticationResource.self)
            async let configMap = meshConfigMap()
            let (map, note) = try await configMap
            let state = MeshState(
                clusterUID: Self.clusterUID(namespaces),
                rootNamespace: MeshConfiguration.rootNamespace(of: map) ?? "istio-system",
                namespaces: namespaces.map(\.namespace),
                peerAuthentications: try await (policies ?? []).map(\.policy))
            return Observation(state: state.sorted, diagnostics: [note].compactMap(\.self))
        } catch let error as KubernetesError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    private static func clusterUID(_ namespaces: [NamespaceResource]) -> String {
        namespaces.first { $0.namespace.name == "kube-system" }?.namespace.meta.uid ?? ""
    }

    private func list<Item: Decodable & Sendable>(
        _ resource: KubernetesResource, _ type: Item.Type
    ) async throws(KubernetesError) -> [Item]? {
        try await client.list(resource, decoder: .json(type))?.items
    }

    private func workloads(
        _ resource: KubernetesResource, _ kind: WorkloadKind
    ) async throws(KubernetesError) -> [Workload] {
        (try await list(resource, WorkloadResource.self) ?? []).map { $0.workload(kind) }
    }

    /// The revisions that have a webhook, their webhooks, and whom all mutating webhooks call. Without the
    /// right to look, or without any, nothing is known of revisions.
    private func injectors() async throws(KubernetesError)
        -> (Set<String>?, [InjectorWebhooks], OptionalList<APIServerCall>)
    {
        let found = try await optional(.mutatingWebhookConfigurations, MutatingWebhookResource.self)
        let served = Set(found.items.compactMap(\.injection.served))
        let calls = found.items.flatMap { $0.admission.calls(.mutatingWebhook) }
        return (
            served.isEmpty ? nil : served, found.items.compactMap(\.injection.injector),
            OptionalList(items: calls, refused: found.refused)
        )
    }

    private static let revisionsAssumed = Diagnostic(
        .cannotJudge, .note,
        "the injection webhooks may not be listed, so the revisions that labels name are taken to "
            + "exist")

    private func meshConfigMap() async throws(KubernetesError) -> (JSONValue?, Diagnostic?) {
        let path = ObjectPath(.configMaps, namespace: "istio-system", name: "istio")
        do {
            return (try await client.get(path), nil)
        } catch {
            guard error.status?.isForbidden == true else { throw error }
            return (
                nil,
                Diagnostic(
                    .cannotJudge, .note,
                    "\(path.text) may not be read, so istio-system is taken as the root namespace",
                    detail: "Write `spec.mesh.rootNamespace` if it is another.")
            )
        }
    }
}
