package import Diagnostics
package import MeshModel

/// What a plan file may say, and this version cannot do: it refuses, so that nothing is left out
/// silently.
package enum UnsupportedFeatures {
    /// One error for each key, in the order of the file.
    package static func diagnostics(for plan: MeshPlan) -> [Diagnostic] {
        var found: [Diagnostic] = []
        func refuse(_ key: String, at range: SourceRange?) {
            found.append(
                Diagnostic(
                    .notSupportedYet, .error, "not supported yet: \(key)",
                    detail: "This version of meshctl reads the key and cannot act on it. Remove it "
                        + "to go on without.", at: range))
        }
        if !plan.rollout.soak.isEmpty {
            refuse("rollout.soak", at: plan.rollout.keyRanges["soak"])
        }
        if plan.rollout.abortOn != nil {
            refuse("rollout.abortOn", at: plan.rollout.keyRanges["abortOn"])
        }
        for gate in plan.gates.present { refuse("gates.\(gate.key)", at: gate.range) }
        return found.inFileOrder
    }
}
