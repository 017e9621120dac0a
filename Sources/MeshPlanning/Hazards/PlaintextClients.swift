import Diagnostics
import MeshModel

/// What several hazards have in common: a client that can only send plaintext meets a port that refuses it,
/// or would refuse it from another node.
enum PlaintextClients {
    static func diagnostics(
        in context: HazardContext, _ code: DiagnosticCode, detail: String,
        where concerns: (Flow) -> Bool
    ) -> [Diagnostic] {
        context.flows.filter(concerns).compactMap { flow in
            let fate = FlowFate(flow, in: context)
            guard let found = refused(fate) ?? doubtful(fate) ?? nodeLocal(fate, context),
                let port = found.leg.endpoint.endpoint.pod.map({ _ in
                    found.leg.endpoint.endpoint.port
                })
            else { return nil }
            return Diagnostic(
                code, found.severity, "\(flow.text) \(found.what) on container port \(port)",
                detail: "It is believed in because of \(flow.because). \(found.why)\(detail)",
                remedy: found.leg.exception(reason: flow.because))
        }
    }

    private struct Finding {
        var leg: FlowFate.Leg
        var severity = Diagnostic.Severity.warning
        /// What becomes of the flow: the middle of a sentence.
        var what: String
        /// A sentence with a space behind it, or nothing.
        var why = ""
    }

    private static func refused(_ fate: FlowFate) -> Finding? {
        fate.untoldBreaks.first.map {
            Finding(leg: $0, what: "would be \($0.verdict.outcome.rawValue)")
        }
    }

    /// Refused on some nodes, and nobody knows on which.
    private static func doubtful(_ fate: FlowFate) -> Finding? {
        guard fate.flow.expect == .carried, !fate.isToldByOrder else { return nil }
        return fate.then.first { $0.verdict.reason == .nodeUnknown }.map {
            Finding(leg: $0, what: "may be refused, depending on the node")
        }
    }

    /// Let past ztunnel because client and pod share a node, where the same is refused from any other.
    private static func nodeLocal(_ fate: FlowFate, _ context: HazardContext) -> Finding? {
        guard fate.flow.expect == .carried, !fate.isToldByOrder, fate.flow.mayChangeNodes else {
            return nil
        }
        // Who is outside is on no node, and sends what a process on the host network sends.
        let judge = FlowJudge(context.then, forced: fate.flow.sends)
        let leg = fate.then.first { leg in
            leg.verdict.reason == .nodeLocal
                && judge.judge(.external, to: leg.target).contains {
                    $0.endpoint == leg.endpoint.endpoint && $0.verdict.outcome == .refused
                }
        }
        guard let leg else { return nil }
        let isOnlyNode = context.observed.surroundings.nodes?.count == 1
        return Finding(
            leg: leg, severity: isOnlyNode ? .note : .warning,
            what: "works only while client and pod share a node,",
            why: "From another node it is refused"
                + (isOnlyNode ? ", once the cluster has one. " : ", and pods move. "))
    }
}

extension Flow {
    /// Whether one of its ends may come to run on another node: a single pod stays where it is, as does what
    /// is named by its node.
    fileprivate var mayChangeNodes: Bool {
        switch (client, server) {
        case (.node, .pod), (.pod, .pod): false
        default: true
        }
    }
}
