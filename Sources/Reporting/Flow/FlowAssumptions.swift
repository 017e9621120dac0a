import MeshModel

/// What the verdicts of a flow took for granted, because the input did not say it.
enum FlowAssumptions {
    static func list(
        index: FlowIndex, clients: [FlowClient], targets: [FlowTarget],
        verdicts: [FlowJudge.EndpointVerdict], isForced: Bool
    ) -> [String] {
        let pods = clients.compactMap { client -> Pod? in
            if case .pod(let pod) = client { pod } else { nil }
        }
        let servers = verdicts.compactMap(\.endpoint.pod)
        return Set(
            ofPods(pods + servers) + ofTemplates(pods, role: "client", index)
                + ofTemplates(servers, role: "server", index)
                + targets.flatMap { ofTarget($0, servers, index) }
                + (isForced ? [] : ofMesh(pods, index))
                + ofNodes(clients, verdicts) + ofVersion(verdicts, index)
        ).sorted()
    }

    /// Of servers, for clients of every kind.
    static func ofServers(_ servers: [Pod], _ index: FlowIndex) -> [String] {
        let settings =
            index.state.flows.settings.wasRead || servers.isEmpty
            ? [] : [withoutMeshConfiguration]
        let clients =
            servers.isEmpty
            ? []
            : [
                "clients are taken to stand in the server's namespace; "
                    + "rules of their own namespace may change what they send"
            ]
        return Set(
            ofPods(servers) + ofTemplates(servers, role: "workload", index) + settings + clients
        ).sorted()
    }

    private static let withoutMeshConfiguration =
        "no mesh configuration was read: Istio's defaults hold "
        + "(auto mTLS, ambient support, outbound ALLOW_ANY)"

    private static func ofPods(_ pods: [Pod]) -> [String] {
        let assumed = Set(pods.filter { $0.isAssumedReady && !$0.isTemplate }.map(\.text))
        guard !assumed.isEmpty else { return [] }
        return [
            "without a status, pods are taken to run and to be ready: "
                + assumed.sorted().joined(separator: ", ")
        ]
    }

    static func ofTemplates(_ pods: [Pod], role: String, _ index: FlowIndex) -> [String] {
        pods.filter(\.isTemplate).flatMap { pod in
            let judged =
                "the \(role) \(pod.text) has no pods: it is judged by its template and its namespace"
            guard index.state.revisions == nil, pod.dataplane == .sidecar else { return [judged] }
            return [
                judged,
                "no MutatingWebhookConfiguration was read: "
                    + "the standard webhooks of the revisions that labels name are taken to exist",
            ]
        }
    }

    private static func ofTarget(
        _ target: FlowTarget, _ servers: [Pod], _ index: FlowIndex
    ) -> [String] {
        guard case .service(let service, _) = target else { return [] }
        return ofService(service, isAwaiting: servers.contains(where: \.isTemplate), index)
    }

    /// - Parameter isAwaiting: whether the pods behind it are templates'.
    static func ofService(_ service: Service, isAwaiting: Bool, _ index: FlowIndex) -> [String] {
        guard !service.isExternalName, !index.hasSlices(service) else { return [] }
        return [
            "service \(service.meta.text) has no EndpointSlices: "
                + (isAwaiting
                    ? "its endpoints are the pods that are to come and that its selector selects"
                    : "its endpoints are the ready pods that its selector selects")
        ]
    }

    private static func ofMesh(_ pods: [Pod], _ index: FlowIndex) -> [String] {
        guard !index.state.flows.settings.wasRead,
            pods.contains(where: { [.sidecar, .gateway, .waypoint].contains($0.outboundPlane) })
        else { return [] }
        return [withoutMeshConfiguration]
    }

    /// Only istiods before 1.24.3 convert such policies in another way.
    private static func ofVersion(
        _ verdicts: [FlowJudge.EndpointVerdict], _ index: FlowIndex
    ) -> [String] {
        guard index.state.flows.settings.version == nil else { return [] }
        let depends = verdicts.compactMap(\.endpoint.pod).contains { pod in
            pod.dataplane == .ambient
                && ZtunnelPolicies.decide(
                    namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                    policies: index.policies
                ).dependsOnVersion
        }
        return depends
            ? ["istiod's version was not read: it is taken to be 1.24.3 or newer"] : []
    }

    private static func ofNodes(
        _ clients: [FlowClient], _ verdicts: [FlowJudge.EndpointVerdict]
    ) -> [String] {
        var assumptions: [String] = []
        let isAmbient = verdicts.contains { $0.endpoint.pod?.dataplane == .ambient }
        if isAmbient, clients.contains(.apiServer(nodes: [])) {
            assumptions.append(
                "no pod of the API server was read: it is taken to run on none of the servers' nodes"
            )
        }
        if verdicts.contains(where: { $0.verdict.outcome == .bypassed }) {
            assumptions.append(
                "istio-cni is taken to use iptables; with nftables only processes of kubelet's user "
                    + "bypass ztunnel")
        }
        return assumptions
    }
}
