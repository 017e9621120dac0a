package import Diagnostics
package import MeshModel

/// What a plan makes of a flow, once a stage is reached.
package struct FlowStageEntry: Encodable, Sendable, Hashable {
    package var stage: String
    /// Whether the plan is blocked: then nothing is known of the stage.
    package var blocked: Bool
    /// As of the whole flow; `unknown` where the plan is blocked.
    package var outcome: String
    /// Why there are no endpoints; absent where there are.
    package var reason: String?
    package var endpoints: [FlowEndpointEntry]
    /// The codes of the errors that block the plan.
    package var blockedBy: [String]

    package init(_ stage: Stage, reached report: FlowExplanationReport) {
        self.stage = stage.rawValue
        blocked = false
        outcome = report.outcome
        reason = report.reason
        endpoints = report.endpoints
        blockedBy = []
    }

    package init(_ stage: Stage, blockedBy diagnostics: [Diagnostic]) {
        self.stage = stage.rawValue
        blocked = true
        outcome = FlowOutcome.unknown.rawValue
        endpoints = []
        blockedBy = diagnostics.blockingCodes
    }
}

extension [Diagnostic] {
    /// The codes of the errors among them, each once.
    var blockingCodes: [String] {
        Set(filter { $0.severity == .error }.map(\.code.rawValue)).sorted()
    }
}
