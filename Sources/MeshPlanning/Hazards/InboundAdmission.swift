import MeshModel

/// What NetworkPolicies do to the connections that ambient brings to a pod: they come to port 15008, whatever
/// port its application listens on, and kubelet's probes come from 169.254.7.127
/// (istio `cni/pkg/iptables/iptables.go:AppendHostRules`; istio#58531, #49277, #52765).
struct InboundAdmission {
    static let hbonePort = 15008
    /// What istio-cni makes the source of connections from the pod's own node.
    static let probeSource = "169.254.7.127"

    private let policies: [String: [NetworkPolicy]]

    init(_ policies: [NetworkPolicy]) {
        self.policies = Dictionary(
            grouping: policies.filter { $0.ingress != nil }, by: \.meta.namespace)
    }

    var isEmpty: Bool { policies.isEmpty }

    /// What policies keep from one pod.
    struct Loss {
        /// The policies that let clients in, and not to 15008.
        var closing: [NetworkPolicy]
        /// The policies among which a probe of the pod finds no rule for kubelet's new address.
        var againstProbes: [NetworkPolicy]
    }

    /// nil where nothing is lost; where nothing may come in today, nothing is.
    func loss(of pod: Pod) -> Loss? {
        let selecting = (policies[pod.meta.namespace] ?? []).filter { $0.selects(pod) }
        let rules = selecting.flatMap { $0.ingress ?? [] }
        guard !rules.isEmpty else { return nil }
        let loss = Loss(
            closing: selecting.filter { Self.closes($0, rules: rules, pod: pod) },
            againstProbes: Self.losesProbes(pod, rules: rules) ? selecting : [])
        return loss.closing.isEmpty && loss.againstProbes.isEmpty ? nil : loss
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

    /// A NetworkPolicy to apply beside those that are there.
    /// A command on one line that applies the allowance for HBONE.
    static func allowing(in namespace: String) -> String {
        "echo '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, "
            + "metadata: {name: allow-ambient, namespace: \(namespace)}, "
            + "spec: {podSelector: {}, policyTypes: [Ingress], "
            + "ingress: [{ports: [{protocol: TCP, port: \(hbonePort)}]}]}}' | kubectl apply -f -"
    }

    static func allowance(in namespace: String, hbone: Bool, probes: Bool) -> String {
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
