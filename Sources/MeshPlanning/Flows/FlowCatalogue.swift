package import Diagnostics
package import MeshModel

/// Who calls whom, from all that is known: declared, observed and inferred, each flow once and sorted.
///
/// What is declared beats what was observed, and that what was inferred; sure beats doubtful.
package struct FlowCatalogue: Sendable, Equatable {
    package struct Ignored: Sendable, Hashable {
        package var flow: Flow
        /// As the plan file has it, or `--ignore-flow`.
        package var reason: String
    }

    package let flows: [Flow]
    package let ignored: [Ignored]
    package let diagnostics: [Diagnostic]

    /// - Parameter ignoring: flows to dismiss, each as its whole text or as its server's.
    package init(
        plan: MeshPlan, state: MeshState, observed: [ObservedFlow] = [], ignoring: [String] = []
    ) {
        let facts = InferenceFacts(state, plan: plan)
        let declared = DeclaredFlows(plan.flows, in: facts)
        let all =
            declared.flows + ObservedFlows.flows(observed, in: facts)
            + FlowRules.all.flatMap {
                $0.flows(in: facts)
            }
        var best: [Key: Flow] = [:]
        for flow in all {
            let key = Key(client: flow.client, server: flow.server)
            best[key] = best[key].map { flow.merged(with: $0) } ?? flow
        }
        let sorted = best.values.map { (text: $0.text, flow: $0) }.sorted { $0.text < $1.text }
        let dismissals = FlowDismissals(plan.ignoreFlows, texts: ignoring, in: facts)
        var kept: [Flow] = []
        var ignored: [Ignored] = []
        for (text, flow) in sorted {
            if let reason = dismissals.reason(for: flow, text: text) {
                ignored.append(Ignored(flow: flow, reason: reason))
            } else {
                kept.append(flow)
            }
        }
        flows = kept
        self.ignored = ignored
        diagnostics = declared.diagnostics + dismissals.unmatched(among: sorted.map(\.flow))
    }

    private struct Key: Hashable {
        var client: Flow.Client
        var server: Flow.Server
    }
}

extension Flow {
    /// The smaller, the better known.
    fileprivate var rank: (Int, Int, String) {
        let origin =
            switch self.origin {
            case .declared: 0
            case .observed: 1
            case .inferred: 2
            }
        return (origin, certainty == .sure ? 0 : 1, because)
    }

    /// The better known of two between the same ends. Who declares a flow, or saw it, does not say what its
    /// client sends; what was concluded of that still holds.
    fileprivate func merged(with known: Flow) -> Flow {
        let isKnownBetter = known.rank <= rank
        var best = isKnownBetter ? known : self
        if case .inferred = best.origin { return best }
        best.sends = best.sends ?? (isKnownBetter ? sends : known.sends)
        return best
    }
}
