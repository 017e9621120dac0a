import MeshModel

/// One endpoint of a flow as `meshctl explain` tells it.
package struct FlowEndpointEntry: Encodable, Sendable, Hashable {
    /// The client's pod; absent unless the pods of a client fare differently.
    package var client: String?
    /// `namespace/name`; null for an address that is no known pod's.
    @OrNull package var pod: String?
    /// `shop/Deployment/cart`, of which the endpoint is a pod that is not there yet; else absent.
    package var template: String?
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
    /// All policies that have, or seem to have, a say, and what becomes of each.
    package var policies: [PolicyChainEntry]
    package var outcome: String
    package var reason: String
    package var seenAs: [String]

    init(
        _ judged: FlowJudge.EndpointVerdict, client: FlowClient, judge: FlowJudge,
        chains: PolicyChains, namesClient: Bool
    ) {
        let (pod, verdict) = (judged.endpoint.pod, judged.verdict)
        policies = pod.map(chains.chain) ?? []
        var clientPlane = PodDataplane.none
        if case .pod(let pod) = client {
            clientPlane = judge.forced == nil ? pod.outboundPlane : .none
            if namesClient { self.client = pod.name }
        }
        self.pod = pod?.isTemplate == true ? nil : pod?.text
        template = pod?.isTemplate == true ? pod?.controllerText : nil
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
                    policies: judge.index.policies
                ).decidedBy
        }
        let denying = ZtunnelPolicies.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels,
            policies: judge.index.policies)
        let declared = judge.index.declaredProtocol(ofPort: port, on: pod)
        seenAs = FlowSymptoms.of(
            verdict, client: clientPlane, server: pod.dataplane, policies: denying.references,
            isHTTP: judge.speaks.map { $0 != .tcp } ?? (declared != .tcp))
    }
}

extension Pod {
    /// `shop/Deployment/cart`
    fileprivate var controllerText: String {
        owner.map { "\(meta.namespace)/\($0.kind)/\($0.name)" } ?? text
    }

    /// How reports call it: a pod that is not there yet by its controller.
    var name: String { isTemplate ? controllerText : text }
}
