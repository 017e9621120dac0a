package import Diagnostics
package import MeshModel

/// What a plan file may say, and this version cannot do: it refuses, so that nothing is left out
/// silently.
package enum UnsupportedFeatures {
    /// One error for each key, in the order of the file.
    package static func diagnostics(for plan: MeshPlan) -> [Diagnostic] {
        guard plan.rollout.abortOn != nil else { return [] }
        return [
            Diagnostic(
                .notSupportedYet, .error, "not supported yet: rollout.abortOn",
                detail: "This version of meshctl reads the key and cannot act on it. Remove it "
                    + "to go on without.", at: plan.rollout.keyRanges["abortOn"])
        ]
    }
}
