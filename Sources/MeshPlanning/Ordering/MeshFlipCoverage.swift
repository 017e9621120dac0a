import Diagnostics
import MeshModel

/// The mesh-wide flip must change no running workload's mode: each meshed namespace has got there, or to
/// an explicit mode, by its own policy before. Else a forgotten namespace is flipped with no gate of its own.
enum MeshFlipCoverage {
    static func diagnostics(
        for rollout: Rollout, of plan: MeshPlan, on observed: MeshState
    ) -> [Diagnostic] {
        guard plan.mesh.mtls == .strict,
            let flip = rollout.steps.firstIndex(where: isFlip(observed))
        else { return [] }
        let before = observed.applying(rollout.steps[..<flip].map(\.change))
        let after = before.applying([rollout.steps[flip].change])
        // For the root namespace's own workloads the mesh-wide policy is the only one there can be.
        let uncovered = EffectiveChange.between(before, after).filter {
            $0.namespace != observed.rootNamespace
        }
        let namespaces = Set(uncovered.map(\.namespace)).sorted()
        guard !namespaces.isEmpty else { return [] }
        let entries = namespaces.map { "- name: \($0)\n  mtls: STRICT   # or PERMISSIVE" }
        return [
            Diagnostic(
                .meshFlipNotCovered,
                "the mesh-wide STRICT would flip \(uncovered.count) workloads in "
                    + "\(namespaces.joined(separator: ", ")) without a step of their own",
                detail: "Each meshed namespace gets there by its own entry first, in its wave. "
                    + "Add to spec.namespaces:",
                remedy: entries.joined(separator: "\n"), at: plan.mesh.range)
        ]
    }

    private static func isFlip(_ observed: MeshState) -> (Step) -> Bool {
        { step in
            guard case .policy(let change) = step.change,
                change.namespace == observed.rootNamespace, let after = change.after
            else { return false }
            return PolicySpec.mode(of: after.spec) == .strict
        }
    }
}
