import MeshModel

/// One endpoint of a flow as `meshctl explain` tells it.
package struct FlowEndpointEntry: Encodable, Sendable, Hashable {
    /// The client's pod; absent unless the pods of a client fare differently.
    package var client: String?
    /// `namespace/name`; null for an address that is no known pod's.
    @OrNull package var pod: String?
    /// Absent where it is not known.
    package var address: String?
    package var port: Int
    /// `plaintext`, `mtls`, `hbone`, `tls`
    package var sent: String
    /// Absent where it cannot be judged.
    package var sentBecause: String?
    /// `namespace/name`; absent unless a DestinationRule decided what is sent.
    package var destinationRule: String?
    /// As the server's own data plane enforces it on the port; `NONE` where nothing does.
    package var mode: String
    /// The policy of each scope that has a say, from the mesh to the workload.
    package var decidedBy: [String]
    package var outcome: String
    package var reason: String
    package var seenAs: [String]

    init(
        _ judged: FlowJudge.EndpointVerdict, client: FlowClient, target: FlowTarget,
        judge: FlowJudge, namesClient: Bool
    ) {
        let (pod, verdict) = (judged.endpoint.pod, judged.verdict)
        let policies = judge.index.policies
        var clientPlane = PodDataplane.none
        if case .pod(let pod) = client {
            clientPlane = judge.forced == nil ? pod.outboundPlane : .none
            if namesClient { self.client = pod.text }
        }
        self.pod = pod?.text
        address = judged.endpoint.address.isEmpty ? nil : judged.endpoint.address
        port = judged.endpoint.port
        sent = verdict.sent.rawValue
        sentBecause = verdict.sentBecause?.rawValue
        destinationRule = judged.destinationRule
        mode = judged.mode?.rawValue ?? EnforcedMode.none
        outcome = verdict.outcome.rawValue
        reason = verdict.reason.rawValue
        decidedBy = []
        guard let pod else {
            seenAs = FlowSymptoms.of(
                verdict, client: clientPlane, server: .none, policies: [], isHTTP: true)
            return
        }
        if judged.mode != nil {
            decidedBy =
                EnforcedMode(
                    on: pod.dataplane, namespace: pod.meta.namespace, labels: pod.meta.labels,
                    policies: policies
                ).decidedBy
        }
        let denying = ZtunnelPolicies.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: policies)
        let declared = judge.index.declaredProtocol(ofPort: port, on: pod)
        seenAs = FlowSymptoms.of(
            verdict, client: clientPlane, server: pod.dataplane, policies: denying.references,
            isHTTP: judge.speaks.map { $0 != .tcp } ?? (declared != .tcp))
    }
}
