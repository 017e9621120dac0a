import JSON
import MeshModel

/// Which revision's injector made a pod's sidecar. It stays until the pod goes, whatever labels say since.
enum SidecarRevision {
    /// The injector writes its revision as an annotation, and into what it notes of its work
    /// (istio `pkg/kube/inject/inject.go:SidecarInjectionStatus`). nil where it says neither.
    static func of(_ pod: Pod) -> String? {
        if let revision = pod.meta.annotations[LabelKeys.revision] { return revision }
        guard let status = pod.meta.annotations[LabelKeys.sidecarStatus],
            let value = try? JSONValue(parsing: Array(status.utf8))
        else { return nil }
        return value["revision"]?.string
    }

    /// Whether the sidecar is of the revision that would inject now; nil where that cannot be told.
    static func matches(
        _ pod: Pod, _ injection: Injection.Decision, planes: [ControlPlane]
    ) -> Bool? {
        guard let actual = of(pod) else { return nil }
        if let expected = injection.injector { return actual == expected }
        guard let asked = injection.revision else { return nil }
        if actual == asked { return true }
        // What labels ask for may be a tag, unless an istiod has that revision.
        return planes.contains { $0.revision == asked } ? false : nil
    }
}
