package import Diagnostics
import JSON
import MeshModel

/// Sidecars whose istiod is gone: they keep the configuration that they have, take no new policy, and
/// cannot renew their certificate, which lasts 24 hours.
package enum OrphanedProxy: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        var pods: [String: [Pod]] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && old.dataplane == .sidecar && new.dataplane == .sidecar {
            if let revision = old.proxyRevision { pods[revision, default: []].append(old) }
        }
        guard !pods.isEmpty else { return [] }
        let living = livingRevisions(in: context)
        guard !living.isEmpty else {
            return [
                Diagnostic(
                    .cannotJudge, .note,
                    "cannot judge whether the sidecars' istiod is alive: none was found",
                    detail: "It may run outside the cluster, or not be readable.")
            ]
        }
        return pods.filter { !living.contains($0.key) }.sorted { $0.key < $1.key }.map {
            diagnostic(revision: $0.key, pods: $0.value, living: living, context)
        }
    }

    private static func livingRevisions(in context: HazardContext) -> Set<String> {
        let deployed = (context.observed.surroundings.controlPlanes ?? []).filter(\.isAvailable)
            .map(\.revision)
        let running = context.observed.pods.filter {
            $0.meta.labels["app"] == "istiod" && $0.isLive && $0.isReady
        }.map { $0.meta.labels[LabelKeys.revision] ?? Injection.defaultRevision }
        return Set(deployed + running)
    }

    private static func diagnostic(
        revision: String, pods: [Pod], living: Set<String>, _ context: HazardContext
    ) -> Diagnostic {
        let names = HazardWords.workloads(of: pods, in: context.now)
        let others = living.sorted().joined(separator: ", ")
        return Diagnostic(
            .orphanedProxy, .warning,
            "\(HazardWords.count(pods.count, "sidecar")) of revision \(revision) have no living istiod",
            detail: "They take no new policy and cannot renew their certificates: "
                + "\(HazardWords.list(names)). Bring that istiod back, or point the namespaces at "
                + "a revision that is there (\(others)) and restart the workloads, before STRICT.")
    }
}

extension Pod {
    /// The revision of the istiod that injected the sidecar, as it wrote it down; a label of the pod only
    /// asks for one, and may name a tag.
    fileprivate var proxyRevision: String? {
        if let revision = meta.annotations[LabelKeys.revision], !revision.isEmpty {
            return revision
        }
        guard let status = meta.annotations[LabelKeys.sidecarStatus] else { return nil }
        let revision = (try? JSONValue(parsing: Array(status.utf8)))?["revision"]?.string
        return revision?.isEmpty == false ? revision : nil
    }
}
