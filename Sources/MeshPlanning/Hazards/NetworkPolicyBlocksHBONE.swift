package import Diagnostics
import MeshModel

/// NetworkPolicies that stop the mesh itself, for pods that come into the ambient mesh.
package enum NetworkPolicyBlocksHBONE: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let admission = InboundAdmission(context.observed.surroundings.networkPolicies ?? [])
        guard !admission.isEmpty else { return [] }
        var blocked: [String: Finding] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && old.dataplane != .ambient && new.dataplane == .ambient {
            guard let loss = admission.loss(of: new) else { continue }
            let name = context.now.workloads.text(of: old)
            blocked[name, default: Finding(pod: new)].policies.formUnion(
                loss.closing.map(\.meta.text))
            blocked[name, default: Finding(pod: new)].probes.formUnion(
                loss.againstProbes.map(\.meta.text))
        }
        return blocked.sorted { $0.key < $1.key }.map(diagnostic)
    }

    private struct Finding {
        var pod: Pod
        /// The policies that let clients in, and not to 15008.
        var policies: Set<String> = []
        var probes: Set<String> = []
    }

    private static func diagnostic(_ workload: String, _ found: Finding) -> Diagnostic {
        let namespace = found.pod.meta.namespace
        let hbone = found.policies.sorted()
        guard !hbone.isEmpty else {
            return Diagnostic(
                .networkPolicy15008, .warning,
                "NetworkPolicy \(HazardWords.list(found.probes.sorted())) may stop kubelet's probes of "
                    + workload,
                detail:
                    "In the ambient mesh they come from \(InboundAdmission.probeSource), not from the node's address, "
                    + "which network plugins let in by themselves. If yours holds policies against "
                    + "them, the pods become unready. Let that address in:",
                remedy: InboundAdmission.allowance(in: namespace, hbone: false, probes: true))
        }
        return Diagnostic(
            .networkPolicy15008, .warning,
            "NetworkPolicy \(HazardWords.list(hbone)) keeps port \(InboundAdmission.hbonePort) of \(workload) closed",
            detail:
                "Clients in the ambient mesh connect to port \(InboundAdmission.hbonePort) of the pod for every port of "
                + "the application; they would time out. Let it in beside the policies that are there"
                + (found.probes.isEmpty
                    ? ":"
                    : ", and kubelet's probes, which then come from \(InboundAdmission.probeSource):"),
            remedy: InboundAdmission.allowance(
                in: namespace, hbone: true, probes: !found.probes.isEmpty))
    }
}
