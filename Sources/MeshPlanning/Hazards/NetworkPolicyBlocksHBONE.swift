package import Diagnostics
import MeshModel

/// NetworkPolicies that stop the mesh itself: ambient traffic comes to port 15008 of a pod, whatever port
/// its application listens on, and kubelet's probes come from 169.254.7.127
/// (istio `cni/pkg/iptables/iptables.go:AppendHostRules`; istio#58531, #49277, #52765).
package enum NetworkPolicyBlocksHBONE: Hazard {
    static let hbonePort = 15008
    /// What istio-cni makes the source of connections from the pod's own node.
    static let probeSource = "169.254.7.127"

    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let policies = Dictionary(
            grouping: (context.observed.surroundings.networkPolicies ?? []).filter {
                $0.ingress != nil
            }, by: \.meta.namespace)
        guard !policies.isEmpty else { return [] }
        var blocked: [String: Finding] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && old.dataplane != .ambient && new.dataplane == .ambient {
            let selecting = (policies[old.meta.namespace] ?? []).filter { $0.selects(new) }
            let rules = selecting.flatMap { $0.ingress ?? [] }
            // Where nothing may come in today, nothing is lost.
            guard !rules.isEmpty else { continue }
            let closed = selecting.filter { closes($0, rules: rules, pod: new) }
            let losesProbes = losesProbes(new, rules: rules)
            guard !closed.isEmpty || losesProbes else { continue }
            let name = context.now.workloads.text(of: old)
            blocked[name, default: Finding(pod: new)].policies.formUnion(closed.map(\.meta.text))
            if losesProbes {
                blocked[name, default: Finding(pod: new)].probes.formUnion(
                    selecting.map(\.meta.text))
            }
        }
        return blocked.sorted { $0.key < $1.key }.map(diagnostic)
    }

    private struct Finding {
        var pod: Pod
        /// The policies that let clients in, and not to 15008.
        var policies: Set<String> = []
        var probes: Set<String> = []
    }

    /// Whether it admits somebody to ports of the application whom no rule admits to 15008.
    private static func closes(
        _ policy: NetworkPolicy, rules: [NetworkPolicy.Rule], pod: Pod
    ) -> Bool {
        let open = rules.filter { $0.admits(port: hbonePort, of: pod) }
        return (policy.ingress ?? []).contains { rule in
            rule.concernsTCP && !rule.admits(port: hbonePort, of: pod)
                && !open.contains {
                    $0.peers.isEmpty
                        || (!rule.peers.isEmpty && Set(rule.peers).isSubset(of: Set($0.peers)))
                }
        }
    }

    /// Whether a probe of the pod finds no rule for kubelet's new source address.
    private static func losesProbes(_ pod: Pod, rules: [NetworkPolicy.Rule]) -> Bool {
        let ports = pod.containers.flatMap { container in
            container.probes.compactMap { probe in
                switch probe.port {
                case .number(let number): number
                case .name(let name): container.ports.first { $0.name == name }?.number
                }
            }
        }
        return ports.contains { port in
            !rules.contains { $0.admits(address: probeSource) && $0.admits(port: port, of: pod) }
        }
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
                    "In the ambient mesh they come from \(probeSource), not from the node's address, "
                    + "which network plugins let in by themselves. If yours holds policies against "
                    + "them, the pods become unready. Let that address in:",
                remedy: allowance(in: namespace, hbone: false, probes: true))
        }
        return Diagnostic(
            .networkPolicy15008, .warning,
            "NetworkPolicy \(HazardWords.list(hbone)) keeps port \(hbonePort) of \(workload) closed",
            detail:
                "Clients in the ambient mesh connect to port \(hbonePort) of the pod for every port of "
                + "the application; they would time out. Let it in beside the policies that are there"
                + (found.probes.isEmpty
                    ? ":" : ", and kubelet's probes, which then come from \(probeSource):"),
            remedy: allowance(in: namespace, hbone: true, probes: !found.probes.isEmpty))
    }

    private static func allowance(in namespace: String, hbone: Bool, probes: Bool) -> String {
        var lines = [
            "apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy",
            "metadata: {name: allow-ambient, namespace: \(namespace)}", "spec:",
            "  podSelector: {}", "  policyTypes: [Ingress]", "  ingress:",
        ]
        if hbone { lines.append("    - ports: [{protocol: TCP, port: \(hbonePort)}]") }
        if probes { lines.append("    - from: [{ipBlock: {cidr: \(probeSource)/32}}]") }
        return lines.joined(separator: "\n")
    }
}
