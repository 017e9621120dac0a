import MeshModel

/// What happens to a flow that leaves the cluster, as `meshctl explain` tells it.
package struct OutsideFlowEntry: Encodable, Sendable, Hashable {
    /// The client's pod; absent unless the pods of a client fare differently.
    package var client: String?
    package var host: String
    package var port: Int
    /// `plaintext` (the application's own bytes), `mtls`, `tls`
    package var sent: String
    /// Absent where it cannot be judged.
    package var sentBecause: String?
    /// `namespace/name`; absent unless a DestinationRule decided what is sent.
    package var destinationRule: String?
    package var outcome: String
    package var reason: String
    package var seenAs: [String]

    init(
        _ judged: FlowJudge.EndpointVerdict, to host: String, port: Int, client: FlowClient,
        judge: FlowJudge, namesClient: Bool
    ) {
        let verdict = judged.verdict
        var plane = PodDataplane.none
        if case .pod(let pod) = client {
            plane = judge.forced == nil ? pod.outboundPlane : .none
            if namesClient { self.client = pod.name }
        }
        self.host = host
        self.port = port
        sent = verdict.sent.rawValue
        sentBecause = verdict.sentBecause?.rawValue
        destinationRule = judged.destinationRule
        outcome = verdict.outcome.rawValue
        reason = verdict.reason.rawValue
        // Only what is plaintext HTTP gets an answer of HTTP from the client's own proxy.
        seenAs = FlowSymptoms.of(
            verdict, client: plane, server: .none, policies: [],
            isHTTP: judge.speaks.map { $0 != .tcp } ?? (port == 80))
    }
}
