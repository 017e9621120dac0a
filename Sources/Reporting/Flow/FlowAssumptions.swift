import MeshModel

/// What the verdicts of a flow took for granted, because the input did not say it.
enum FlowAssumptions {
    static func list(
        index: FlowIndex, clients: [FlowClient], target: FlowTarget,
        verdicts: [FlowJudge.EndpointVerdict], isForced: Bool
    ) -> [String] {
        let pods = clients.compactMap { client -> Pod? in
            if case .pod(let pod) = client { pod } else { nil }
        }
        return Set(
            ofPods(pods + verdicts.compactMap(\.endpoint.pod), index) + ofTemplates(pods, index)
                + ofTarget(target, index) + (isForced ? [] : ofMesh(pods, index))
                + ofNodes(clients, verdicts) + ofVersion(verdicts, index)
        ).sorted()
    }

    private static func ofPods(_ pods: [Pod], _ index: FlowIndex) -> [String] {
        let assumed = Set(
            pods.filter { $0.isAssumedReady && index.pod($0.meta.namespace, $0.meta.name) != nil }
                .map(\.text))
        guard !assumed.isEmpty else { return [] }
        return [
            "without a status, pods are taken to run and to be ready: "
                + assumed.sorted().joined(separator: ", ")
        ]
    }

    private static func ofTemplates(_ pods: [Pod], _ index: FlowIndex) -> [String] {
        pods.filter { index.pod($0.meta.namespace, $0.meta.name) == nil }.flatMap { pod in
            let judged =
                "the client \(pod.text) has no pods: it is judged by its template and its namespace"
            guard index.state.revisions == nil, pod.dataplane == .sidecar else { return [judged] }
            return [
                judged,
                "no MutatingWebhookConfiguration was read: "
                    + "the standard webhooks of the revisions that labels name are taken to exist",
            ]
        }
    }

    private static func ofTarget(_ target: FlowTarget, _ index: FlowIndex) -> [String] {
        guard case .service(let service, _) = target, !service.isExternalName,
            !index.hasSlices(service)
        else { return [] }
        return [
            "service \(service.meta.text) has no EndpointSlices: "
                + "its endpoints are the ready pods that its selector selects"
        ]
    }

    private static func ofMesh(_ pods: [Pod], _ index: FlowIndex) -> [String] {
        guard !index.state.flows.settings.wasRead,
            pods.contains(where: { [.sidecar, .gateway, .waypoint].contains($0.outboundPlane) })
        else { return [] }
        return [
            "no mesh configuration was read: Istio's defaults hold "
                + "(auto mTLS, ambient support, outbound ALLOW_ANY)"
        ]
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
