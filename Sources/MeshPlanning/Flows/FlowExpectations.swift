import Diagnostics
import MeshModel

/// What the plan file says of its flows, held against how they end.
enum FlowExpectations {
    /// - Parameter end: after the last step.
    static func diagnostics(_ end: FlowGuarantee) -> [Diagnostic] {
        end.flows.filter { $0.flow.origin == .declared }.compactMap { flow in
            let verdicts = end.verdicts(of: flow)
            switch flow.flow.expect {
            case .refused: return letIn(flow, verdicts, end)
            case .carried: return neverCarried(flow, verdicts)
            }
        }
    }

    /// Judged only where the server enforces STRICT: before that nobody expects a refusal.
    private static func letIn(
        _ flow: TrackedFlow, _ verdicts: [(TrackedFlow.Pair, FlowVerdict)], _ end: FlowGuarantee
    ) -> Diagnostic? {
        if case .host = flow.flow.server { return letOut(flow, verdicts) }
        let delivered = verdicts.first { pair, verdict in
            verdict.outcome.isDelivered && end.isStrict(pair.endpoint)
        }
        guard let (_, verdict) = delivered else { return nil }
        return Diagnostic(
            .flowExpectedRefused, .warning,
            "\(flow.flow.text) is expected to be refused, and would be \(verdict.outcome.rawValue)",
            detail: "STRICT refuses who comes without a mesh identity. This client sends "
                + "\(verdict.sent.rawValue): \(FlowPhrases.of(verdict.reason)) "
                + "(\(verdict.reason.rawValue)). An AuthorizationPolicy can refuse it.")
    }

    /// Outside the cluster no STRICT is to be waited for.
    private static func letOut(
        _ flow: TrackedFlow, _ verdicts: [(TrackedFlow.Pair, FlowVerdict)]
    ) -> Diagnostic? {
        guard let (_, verdict) = verdicts.first(where: { $1.outcome.isDelivered }) else {
            return nil
        }
        return Diagnostic(
            .flowExpectedRefused, .warning,
            "\(flow.flow.text) is expected to be refused, and would be \(verdict.outcome.rawValue)",
            detail:
                "Only a sidecar under outbound REGISTRY_ONLY, and only where it does not know the "
                + "host, refuses a call to the outside (\(verdict.reason.rawValue)). A NetworkPolicy can "
                + "refuse it for every client.")
    }

    private static func neverCarried(
        _ flow: TrackedFlow, _ verdicts: [(TrackedFlow.Pair, FlowVerdict)]
    ) -> Diagnostic? {
        // Where it is carried at first, the order keeps it so.
        guard flow.pairs.isEmpty,
            let (_, verdict) = verdicts.first(where: { !$1.outcome.isDelivered })
        else { return nil }
        return Diagnostic(
            .flowNotCarried, .warning,
            "\(flow.flow.text) is not carried today, and would not be afterwards",
            detail: "The client sends \(verdict.sent.rawValue); \(FlowPhrases.of(verdict.reason)) "
                + "(\(verdict.reason.rawValue)).",
            remedy: "meshctl explain --from \(flow.flow.client.text) --to \(flow.flow.server.text)")
    }
}

extension FlowGuarantee {
    fileprivate func isStrict(_ endpoint: TrackedFlow.Endpoint) -> Bool {
        guard let pod = endpoint.pod.map({ world.index.pods[$0] }),
            let enforcement = Enforcement(
                on: pod.dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: world.index.policies)
        else { return false }
        return (enforcement.ports[endpoint.port] ?? enforcement.mode) == .strict
    }
}
