package import JSON
package import MeshModel

/// A mesh state while Kubernetes objects are added to it, of whatever kind: unknown kinds are passed over.
package struct MeshStateBuilder {
    /// An object whose fields are not of the types that Kubernetes gives them.
    package struct UnreadableObject: Error, Sendable {
        package var kind: String
        package var name: String
        /// `spec.ports: expected an array`
        package var why: String
    }

    private var found = MeshState()
    private var revisions: Set<String> = []
    private var istio = IstioConfiguration()
    private var networkPolicies: [NetworkPolicy] = []
    private var authorizationPolicies: [AuthorizationPolicy] = []
    private var nodes: [ClusterNode] = []
    private var controlPlanes: [ControlPlane] = []

    package init() {}

    /// A list adds its items.
    package mutating func add(_ object: JSONValue) throws(UnreadableObject) {
        guard let kind = object["kind"]?.string else { return }
        if kind.hasSuffix("List"), let items = object["items"]?.array {
            let itemKind = String(kind.dropLast(4))
            for var item in items {
                if item["kind"] == nil, !itemKind.isEmpty { item["kind"] = .string(itemKind) }
                try add(item)
            }
            return
        }
        do {
            try add(object, kind: kind)
        } catch {
            throw UnreadableObject(
                kind: kind, name: object[path: "metadata", "name"]?.string ?? "(no name)",
                why: Self.words(error))
        }
    }

    private mutating func add(_ object: JSONValue, kind: String) throws {
        if try addSurroundings(object, kind: kind) { return }
        if let workloadKind = WorkloadKind(rawValue: kind) {
            if workloadKind == .deployment { istio.add(deployment: object) }
            found.workloads.append(
                try object.decoded(as: WorkloadResource.self).workload(workloadKind))
            return
        }
        switch kind {
        case "Namespace":
            found.namespaces.append(try object.decoded(as: NamespaceResource.self).namespace)
        case "Pod":
            var pod = try object.decoded(as: PodResource.self).pod
            // The controller may not be among the manifests.
            pod.references =
                try object["spec"]?.decoded(as: PodTextsResource.self).references ?? []
            found.pods.append(pod)
        case "PeerAuthentication":
            found.peerAuthentications.append(
                try object.decoded(as: PeerAuthenticationResource.self).policy)
        case "MutatingWebhookConfiguration":
            let webhooks = try object.decoded(as: MutatingWebhookResource.self)
            if let served = webhooks.injection.served { revisions.insert(served) }
            istio.add(webhooks.injection.injector)
            found.flows.apiServerCalls += webhooks.admission.calls(.mutatingWebhook)
        case "ConfigMap":
            try istio.add(configMap: object)
        default:
            try addFlowObject(object, kind: kind)
        }
    }

    /// Whether it is of a kind that nothing else looks at.
    private mutating func addSurroundings(_ object: JSONValue, kind: String) throws -> Bool {
        switch kind {
        case "NetworkPolicy"
        where object["apiVersion"]?.string?.hasPrefix("networking.k8s.io") ?? true:
            networkPolicies.append(try object.decoded(as: NetworkPolicyResource.self).policy)
        case "AuthorizationPolicy":
            authorizationPolicies.append(
                try object.decoded(as: AuthorizationPolicyResource.self).policy)
        case "Node":
            nodes.append(try object.decoded(as: NodeResource.self).node)
        case "ConfigMap"
        where object[path: "metadata", "name"]?.string == CNISettingsResource.name:
            found.surroundings.cni = try object.decoded(as: CNISettingsResource.self).settings
        case "Deployment":
            controlPlanes += [try object.decoded(as: ControlPlaneResource.self).controlPlane]
                .compactMap(\.self)
            return false
        default:
            return false
        }
        return true
    }

    private mutating func addFlowObject(_ object: JSONValue, kind: String) throws {
        switch kind {
        case "Service" where ["v1", nil].contains(object["apiVersion"]?.string):
            found.flows.services.append(try object.decoded(as: ServiceResource.self).service)
        case "EndpointSlice":
            found.flows.endpointSlices.append(
                try object.decoded(as: EndpointSliceResource.self).slice)
        case "DestinationRule":
            found.flows.destinationRules.append(
                try object.decoded(as: DestinationRuleResource.self).rule)
        case "ServiceEntry":
            found.flows.serviceEntries.append(
                try object.decoded(as: ServiceEntryResource.self).entry)
        case "Sidecar":
            found.flows.sidecarScopes.append(
                try object.decoded(as: SidecarScopeResource.self).scope)
        default:
            try addEdge(object, kind: kind)
        }
    }

    /// What stands between the world and the mesh, by its own resources.
    private mutating func addEdge(_ object: JSONValue, kind: String) throws {
        let group = object["apiVersion"]?.string?.split(separator: "/").first
        switch (group, kind) {
        case ("getambassador.io", "Mapping"), ("getambassador.io", "TCPMapping"):
            found.flows.mappings.append(try object.decoded(as: MappingResource.self).mapping)
        case ("getambassador.io", "TLSContext"):
            found.flows.tlsContexts.append(try object.decoded(as: TLSContextResource.self).context)
        case ("networking.cloudflare-operator.io", "TunnelIngressClassConfig"):
            found.flows.tunnelClasses.append(
                try object.decoded(as: TunnelClassResource.self).tunnelClass)
        default:
            try addEntrance(object, kind: kind)
        }
    }

    /// What leads somebody from outside, or the API server, to a Service.
    private mutating func addEntrance(_ object: JSONValue, kind: String) throws {
        let group = object["apiVersion"]?.string?.split(separator: "/").first ?? ""
        if group == "gateway.networking.k8s.io", let kind = GatewayRouteKind(rawValue: kind) {
            found.flows.gatewayRoutes.append(
                try object.decoded(as: GatewayRouteResource.self).route(kind))
            return
        }
        switch (kind, group) {
        case ("Ingress", "networking.k8s.io"):
            found.flows.ingresses.append(try object.decoded(as: IngressResource.self).ingress)
        case ("IngressClass", _):
            found.flows.ingressClasses.append(
                try object.decoded(as: IngressClassResource.self).ingressClass)
        case ("Gateway", "gateway.networking.k8s.io"):
            found.flows.routeGateways.append(
                try object.decoded(as: RouteGatewayResource.self).gateway)
        case ("Gateway", "networking.istio.io"):
            found.flows.istioGateways.append(
                try object.decoded(as: IstioGatewayResource.self).gateway)
        case ("VirtualService", "networking.istio.io"):
            found.flows.virtualServices.append(
                try object.decoded(as: VirtualServiceResource.self).virtualService)
        case ("ValidatingWebhookConfiguration", _):
            found.flows.apiServerCalls += try object.decoded(as: AdmissionWebhookResource.self)
                .calls(.validatingWebhook)
        case ("APIService", _):
            found.flows.apiServerCalls += try [object.decoded(as: APIServiceResource.self).call]
                .compactMap(\.self)
        case ("CustomResourceDefinition", _):
            found.flows.apiServerCalls += try [
                object.decoded(as: ConversionWebhookResource.self).call
            ].compactMap(\.self)
        default:
            break
        }
    }

    /// What was added so far. A namespace that is only referred to exists, without labels.
    ///
    /// - Parameter rootNamespace: nil to take it from the mesh configuration.
    package func state(rootNamespace: String? = nil) -> MeshState {
        var state = found
        state.rootNamespace =
            rootNamespace ?? istio.rootNamespace ?? "istio-system"
        state.revisions = revisions.isEmpty ? nil : revisions
        istio.configure(&state)
        // Manifests without a policy say that there is none; without Nodes or istiod they say nothing.
        state.surroundings.networkPolicies = networkPolicies
        state.surroundings.authorizationPolicies = authorizationPolicies
        state.surroundings.nodes = nodes.isEmpty ? nil : nodes
        state.surroundings.controlPlanes = controlPlanes.isEmpty ? nil : controlPlanes
        let known = Set(state.namespaces.map(\.name))
        let named = Set(
            state.pods.map(\.meta.namespace) + state.workloads.map(\.meta.namespace)
                + state.peerAuthentications.map(\.meta.namespace))
        for name in named.subtracting(known) {
            state.namespaces.append(Namespace(meta: ObjectMeta(name: name)))
        }
        state.clusterUID = state.namespaces.first { $0.name == "kube-system" }?.meta.uid ?? ""
        state.keepRecognisedReferences()
        return state.sorted
    }

    private static func words(_ error: any Error) -> String {
        guard case DecodingError.typeMismatch(_, let context) = error else {
            return String(describing: error)
        }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return "\(path): \(context.debugDescription)"
    }
}
