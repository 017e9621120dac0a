import Diagnostics
import MeshModel

/// What several hazards have in common: a client that can only send plaintext meets a port that refuses it.
enum PlaintextClients {
    static func diagnostics(
        in context: HazardContext, _ code: DiagnosticCode, detail: String,
        where concerns: (Flow) -> Bool
    ) -> [Diagnostic] {
        context.flows.filter(concerns).compactMap { flow in
            let fate = FlowFate(flow, in: context)
            guard let leg = fate.untoldBreaks.first ?? doubtful(fate),
                let port = leg.endpoint.endpoint.pod.map({ _ in leg.endpoint.endpoint.port })
            else { return nil }
            let outcome =
                leg.isBroken
                ? "would be \(leg.verdict.outcome.rawValue)"
                : "may be refused, depending on the node"
            return Diagnostic(
                code, .warning, "\(flow.text) \(outcome) on container port \(port)",
                detail: "It is believed in because of \(flow.because). \(detail)",
                remedy: leg.exception(reason: flow.because))
        }
    }

    /// Refused on some nodes, and nobody knows on which.
    private static func doubtful(_ fate: FlowFate) -> FlowFate.Leg? {
        guard fate.flow.expect == .carried, !fate.isToldByOrder else { return nil }
        return fate.then.first { $0.verdict.reason == .nodeUnknown }
    }
}
