import MeshModel
package import MeshPlanning

/// The first step that a plan has for a namespace.
package struct NextStep: Encodable, Sendable, Hashable {
    package var stage: String
    package var action: String
    /// `PeerAuthentication shop/default`
    package var object: String
    /// How many steps the plan has for the namespace in all.
    package var of: Int

    /// By namespace; a namespace that the plan leaves as it is has none.
    static func byNamespace(_ rollout: Rollout) -> [String: NextStep] {
        var found: [String: NextStep] = [:]
        for step in rollout.steps {
            let object = step.change.object
            let namespace = object.namespace.isEmpty ? object.name : object.namespace
            if found[namespace] == nil {
                found[namespace] = NextStep(
                    stage: step.phase.rawValue, action: step.change.action.rawValue,
                    object: object.text, of: 0)
            }
            found[namespace]?.of += 1
        }
        return found
    }

    /// `enroll: label Namespace media (1 of 4)`
    var text: String { "\(stage): \(action) \(object)" + (of > 1 ? " (1 of \(of))" : "") }
}

/// What a plan says to a status.
package struct StatusOutlook: Sendable {
    var plan: String
    var steps: [String: NextStep]
    var blockedBy: [String]

    package init(plan: String, _ planned: PlannedRollout) {
        self.plan = plan
        blockedBy = planned.diagnostics.blockingCodes
        steps = planned.isBlocked ? [:] : NextStep.byNamespace(planned.rollout)
    }
}
