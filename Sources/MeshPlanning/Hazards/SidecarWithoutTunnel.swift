package import Diagnostics
import MeshModel

/// Sidecars that were injected before istiod knew the ambient mesh cannot take HBONE, which is all that
/// ztunnel speaks: ambient clients reach them in plaintext, and STRICT refuses that
/// (ztunnel `src/proxy/outbound.rs`: `LEGACY_ISTIO_MTLS` is not among its protocols).
package enum SidecarWithoutTunnel: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        guard context.reached.pods.contains(where: { $0.isLive && $0.outboundPlane == .ambient })
        else { return [] }
        let restarted = Set(
            context.rollout.steps.compactMap { step -> WorkloadID? in
                if case .restart(let restart) = step.change { restart.workload } else { nil }
            })
        let told = Set(
            context.broken.filter { $0.after.sentBecause == .serverWithoutTunnel }
                .compactMap(\.server).map(context.now.workloads.text))
        let lacking = zip(context.observed.pods, context.reached.pods).filter { old, new in
            old.isLive && old.dataplane == .sidecar && new.dataplane == .sidecar
                && !old.takesHBONE
                && context.now.workloads.controller(of: old).map { !restarted.contains($0) } ?? true
                && !told.contains(context.now.workloads.text(of: old))
        }.map(\.0)
        guard !lacking.isEmpty else { return [] }
        let refusing = refusing(in: context)
        let (certain, others) = lacking.partitioned { refusing.contains($0.text) }
        return [
            diagnostic(.error, for: certain, in: context),
            diagnostic(.warning, for: others, in: context),
        ].compactMap(\.self)
    }

    /// The pods that would refuse an ambient client of a flow that has to be carried.
    private static func refusing(in context: HazardContext) -> Set<String> {
        var refusing: Set<String> = []
        for flow in context.flows where flow.expect == .carried && flow.certainty == .sure {
            guard mayBeAmbient(flow.client) else { continue }
            for leg in FlowFate(flow, in: context).then
            where leg.isBroken && leg.verdict.sentBecause == .serverWithoutTunnel {
                if let pod = leg.endpoint.endpoint.pod { refusing.insert(pod.text) }
            }
        }
        return refusing
    }

    private static func mayBeAmbient(_ client: Flow.Client) -> Bool {
        switch client {
        case .workload, .pod: true
        case .external, .apiServer, .node, .cidr, .cluster: false
        }
    }

    private static func diagnostic(
        _ severity: Diagnostic.Severity, for pods: [Pod], in context: HazardContext
    ) -> Diagnostic? {
        guard !pods.isEmpty else { return nil }
        let names = HazardWords.workloads(of: pods, in: context.now)
        let consequence =
            severity == .error
            ? "would refuse ambient clients under STRICT"
            : "are reached in plaintext by ambient clients"
        return Diagnostic(
            .sidecarWithoutTunnel, severity,
            "\(HazardWords.list(names)): sidecars without HBONE \(consequence)",
            detail:
                "They were injected before istiod was set up for the ambient mesh and lack the label "
                + "networking.istio.io/tunnel. Restart them, see that the new pods carry the label, "
                + "then plan again. Without it, check that istiod's mesh configuration has "
                + "ISTIO_META_ENABLE_HBONE under proxyMetadata.",
            remedy: restarts(of: pods, in: context))
    }

    private static func restarts(of pods: [Pod], in context: HazardContext) -> String? {
        let ids = Set(pods.compactMap { context.now.workloads.controller(of: $0) }).filter {
            [.deployment, .statefulSet, .daemonSet].contains($0.kind)
        }
        let lines = ids.sorted().map {
            "kubectl -n \($0.namespace) rollout restart \($0.kind.rawValue.lowercased())/\($0.name)"
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

extension Array {
    /// Those that are, and those that are not, in their order.
    fileprivate func partitioned(_ belongs: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(belongs), filter { !belongs($0) })
    }
}
