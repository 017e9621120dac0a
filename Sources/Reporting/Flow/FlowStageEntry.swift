package import Diagnostics
package import MeshModel

/// What a plan makes of a flow, once a stage is reached.
package struct FlowStageEntry: Encodable, Sendable, Hashable {
    package var stage: String
    /// Whether the plan is blocked, so that the stage will not be reached.
    package var blocked: Bool
    /// As of the whole flow; `unknown` where the plan is blocked before its steps are known.
    package var outcome: String
    /// As of the whole flow.
    package var reason: String?
    package var endpoints: [FlowEndpointEntry]
    package var outside: [OutsideFlowEntry]?
    /// The codes of the errors that block the plan.
    package var blockedBy: [String]

    /// - Parameter diagnostics: those of the plan, which may be blocked for what it would lead to.
    package init(
        _ stage: Stage, reached report: FlowExplanationReport, blockedBy diagnostics: [Diagnostic]
    ) {
        self.stage = stage.rawValue
        blockedBy = diagnostics.blockingCodes
        blocked = !blockedBy.isEmpty
        outcome = report.outcome
        reason = report.reason
        endpoints = report.endpoints
        outside = report.outside
    }

    /// Of a plan that is blocked before its steps are known.
    package init(_ stage: Stage, blockedBy diagnostics: [Diagnostic]) {
        self.stage = stage.rawValue
        blocked = true
        outcome = FlowOutcome.unknown.rawValue
        endpoints = []
        blockedBy = diagnostics.blockingCodes
    }
}

extension FlowStageEntry {
    var reasons: [String] {
        endpoints.map(\.reason) + (outside ?? []).map(\.reason) + [reason].compactMap(\.self)
    }
}

extension [Diagnostic] {
    /// The codes of the errors among them, each once.
    var blockingCodes: [String] {
        Set(filter { $0.severity == .error }.map(\.code.rawValue)).sorted()
    }
}
