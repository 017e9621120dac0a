package import Diagnostics
import MeshModel

/// Workloads that stay open under a STRICT of the plan, because no proxy stands in front of them, or of some
/// of their ports. Each has to be named under its namespace's `unprotected`, with a reason.
package enum UnprotectedWorkloads: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        context.strictNamespaces.flatMap { resolved -> [Diagnostic] in
            let servers = context.servers.servers(in: resolved.name).filter { !$0.isIdle }
            // Where nothing is meshed, that is what is to be said.
            guard servers.contains(where: { $0.pods.contains(where: \.dataplane.isMeshed) }) else {
                return []
            }
            let labels = context.servers.labels(of: resolved.name)
            return servers.compactMap { of($0, in: resolved, namespaceLabels: labels, context) }
        }
    }

    private static func of(
        _ server: ServerIndex.Server, in resolved: ResolvedNamespace,
        namespaceLabels: [String: String], _ context: HazardContext
    ) -> Diagnostic? {
        for pod in server.pods {
            let exposure = Exposure.of(
                pod, policies: context.then.policies, namespaceLabels: namespaceLabels,
                injection: context.reached.injection)
            if let exposure { return diagnostic(server, pod, exposure, in: resolved, context) }
        }
        return nil
    }

    private static func diagnostic(
        _ server: ServerIndex.Server, _ pod: Pod, _ exposure: Exposure,
        in resolved: ResolvedNamespace, _ context: HazardContext
    ) -> Diagnostic {
        let entry = resolved.entry
        let range = entry.keyRanges["unprotected"] ?? entry.range
        let message = "\(server.text) \(exposure.why)"
        let listed = entry.unprotected.first { $0.selector.matches(pod.meta.labels) }
        let isBare = server.kind == nil && !pod.hostNetwork
        if let reason = listed?.reason ?? (isBare ? entry.acceptUnmanaged : nil) {
            return Diagnostic(
                .unprotectedWorkload, .note, "\(message), as the plan says: \(reason)", at: range)
        }
        // A Job is a client. One that a Service leads to is a server, too.
        let isJob = server.kind == .job || server.kind == .cronJob
        let isClient = isJob && !context.isSelectedByService(pod)
        return Diagnostic(
            .unprotectedWorkload, isClient ? .note : .error, message,
            detail: (isClient
                ? "STRICT does not protect it; as a client it sends plaintext. "
                : "It would go on accepting plaintext from everybody while namespace "
                    + "\(resolved.name) is STRICT. ")
                + exposure.next + (isClient ? "" : " If it has to stay so, say why in the plan:"),
            remedy: isClient
                ? nil
                : "unprotected:\n  - {selector: \(pod.pasteSelector), reason: TEXT}",
            at: range)
    }
}

extension HazardContext {
    fileprivate func isSelectedByService(_ pod: Pod) -> Bool {
        then.services(in: pod.meta.namespace).contains {
            !$0.selector.isEmpty && LabelSelector($0.selector).matches(pod.meta.labels)
        }
    }
}

extension Pod {
    /// A selector for pods like this one, as YAML.
    fileprivate var pasteSelector: String {
        let labels = meta.labels.filter { !Self.ofOnePod.contains($0.key) }
        let usual = ["app", "app.kubernetes.io/name", "k8s-app", "name"].first {
            labels[$0] != nil
        }
        let chosen = usual.map { key in labels.filter { $0.key == key } } ?? labels
        return YAMLText.flow(chosen)
    }

    /// Labels that controllers add to single pods, or to the pods of one revision.
    private static let ofOnePod: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
        "controller-uid", "batch.kubernetes.io/controller-uid", "job-name",
        "batch.kubernetes.io/job-name", "security.istio.io/tlsMode",
        "service.istio.io/canonical-name", "service.istio.io/canonical-revision",
    ]
}
