package import MeshModel
import Timing

/// Synthetic traffic that does not get through.
package struct RefusedTraffic: Sendable, Hashable {
    /// `default/front`, `external`
    package var client: String
    /// `default/api:8080`
    package var target: String
    package var outcome: FlowOutcome
    package var reason: FlowReason
}

extension SandboxCluster {
    /// What of the scenario's traffic was refused, or arrived garbled, since this was last asked or the traffic was
    /// last counted. Asked after every change and at every moment when something happens, it misses nothing.
    package mutating func takeRefusedTraffic() -> [RefusedTraffic] {
        guard let before = traffic,
            before.changes.contains(where: { $0.effective <= now.milliseconds })
        else { return [] }
        settleTraffic()
        guard let ledger = traffic?.ledger else { return [] }
        return ledger.episodes.filter { episode in
            episode.until > before.ledger.settled
                && [.refused, .garbled].contains(episode.path.outcome)
        }.map { episode in
            let flow = ledger.flows[episode.path.flow]
            return RefusedTraffic(
                client: flow.client.text, target: "\(flow.target.text):\(flow.target.port)",
                outcome: episode.path.outcome, reason: episode.path.reason)
        }
    }
}
