import Diagnostics
import MeshModel

/// The namespace labels that a plan entry's `dataplane` stands for.
enum EnrolmentTarget {
    /// Keys to set or, with nil, to remove; empty when the entry leaves the data plane as it is.
    static func labels(for resolved: ResolvedNamespace) -> [String: String?] {
        let labels = resolved.namespace.meta.labels
        switch resolved.entry.dataplane {
        case nil:
            return [:]
        case .sidecar:
            var target: [String: String?] = [:]
            if let revision = resolved.entry.revision {
                // Any `istio-injection` beats `istio.io/rev`, so it goes in the same patch.
                target[LabelKeys.revision] = revision
                target[LabelKeys.injection] = .some(nil)
            } else {
                target[LabelKeys.injection] = "enabled"
                target[LabelKeys.revision] = .some(nil)
            }
            if labels[LabelKeys.dataplaneMode] == "ambient" {
                target[LabelKeys.dataplaneMode] = .some(nil)
            }
            return target
        case .ambient:
            var target = withoutInjection(labels)
            target[LabelKeys.dataplaneMode] = "ambient"
            return target
        case .some(.none):
            var target = withoutInjection(labels)
            if labels[LabelKeys.dataplaneMode] == "ambient" {
                target[LabelKeys.dataplaneMode] = .some(nil)
            }
            return target
        }
    }

    /// `istio-injection=disabled` injects nobody and stays as somebody's written intention.
    private static func withoutInjection(_ labels: [String: String]) -> [String: String?] {
        var target: [String: String?] = [:]
        if labels[LabelKeys.injection] == "enabled" { target[LabelKeys.injection] = .some(nil) }
        if labels[LabelKeys.revision] != nil { target[LabelKeys.revision] = .some(nil) }
        return target
    }

    /// What forbids changing these labels: a reconciler that would set them back, or a revision without webhook.
    static func obstacles(
        to target: [String: String?], of resolved: ResolvedNamespace, revisions: Set<String>?
    ) -> [Diagnostic] {
        let meta = resolved.namespace.meta
        var found: [Diagnostic] = []
        for (key, value) in target.sorted(by: { $0.key < $1.key }) where meta.labels[key] != value {
            guard
                let manager = FieldOwnership.reconciler(
                    of: ["metadata", "labels", key], in: meta)
            else { continue }
            found.append(
                Diagnostic(
                    .managedElsewhere,
                    "label \(key) of namespace \(meta.name) is managed by \(manager)",
                    detail: "It would be set back. Change it where \(manager) takes it from, "
                        + "or pause \(manager) for this namespace.",
                    at: resolved.entry.range))
        }
        if let revisions, let missing = missingRevision(of: resolved, among: revisions) {
            found.append(missing)
        }
        return found
    }

    private static func missingRevision(
        of resolved: ResolvedNamespace, among revisions: Set<String>
    ) -> Diagnostic? {
        guard resolved.entry.dataplane == .sidecar else { return nil }
        let revision = resolved.entry.revision ?? Injection.defaultRevision
        guard !revisions.contains(revision) else { return nil }
        var detail = "Pods would start without a sidecar, and without an error."
        if let near = Suggestion.nearest(to: revision, among: revisions.sorted()) {
            detail += " Did you mean \(near)?"
        } else if !revisions.isEmpty {
            detail += " There are webhooks for \(revisions.sorted().joined(separator: ", "))."
        }
        let message =
            resolved.entry.revision == nil
            ? "no injection webhook serves istio-injection=enabled in namespace \(resolved.name)"
            : "no injection webhook serves revision or tag \(revision)"
        return Diagnostic(
            .unknownRevision, message, detail: detail, at: resolved.entry.range)
    }
}
