package import MeshModel

/// Who set a field, judged by `metadata.managedFields`.
///
/// A value set by a person may be changed after being shown; one that a reconciler holds would be set back
/// by it, so the plan is blocked instead (`docs/plan-file.md`, "Ownership").
package enum FieldOwnership {
    /// The reconciler that owns any of the fields under `path`, by its manager name; nil when none does.
    package static func reconciler(of path: [String], in meta: ObjectMeta) -> String? {
        meta.managedFields
            .filter { $0.owns(path) && isReconciler($0) }
            .map(\.manager).min()
    }

    private static func isReconciler(_ entry: ManagedFields) -> Bool {
        let name = entry.manager.lowercased()
        if name.hasPrefix("meshctl") || name.hasPrefix("kubectl") { return false }
        if reconcilerNames.contains(where: { name.hasPrefix($0) }) { return true }
        if name.contains("controller") || name.contains("operator") { return true }
        // Server-side apply is declarative: whoever applies will apply again.
        return entry.operation == .apply
    }

    private static let reconcilerNames = [
        "argocd", "argo-cd", "flux", "helm", "kustomize", "fleet",
    ]
}
