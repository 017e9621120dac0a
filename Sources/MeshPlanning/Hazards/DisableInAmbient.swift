package import Diagnostics
import MeshModel

/// DISABLE on ambient workloads: ztunnel has no such mode and takes it for PERMISSIVE
/// (istio pull request 45593, api pull request 3184).
package enum DisableInAmbient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        var servers: [String: [String]] = [:]
        for server in context.servers.all {
            for policy in disabling(server, context.then.policies) {
                servers[policy, default: []].append(server.text)
            }
        }
        return servers.sorted { $0.key < $1.key }.map { policy, texts in
            let namespace = String(policy.prefix { $0 != "/" })
            return Diagnostic(
                .disableInAmbient, .warning,
                "PeerAuthentication \(policy) says DISABLE, which ambient "
                    + "\(texts.count == 1 ? texts[0] : "workloads") "
                    + "\(texts.count == 1 ? "takes" : "take") for PERMISSIVE",
                detail: (texts.count == 1 ? "" : "They are \(texts.shortList). ")
                    + "ztunnel goes on accepting mTLS there, and ambient clients go on using it. "
                    + "Write PERMISSIVE, which says what happens and survives a change of data plane.",
                at: context.entry(of: namespace)?.range)
        }
    }

    /// The policies that give these pods, or ports of theirs, the mode.
    private static func disabling(
        _ server: ServerIndex.Server, _ policies: PeerAuthenticationIndex
    ) -> Set<String> {
        var found: Set<String> = []
        for pod in server.pods where pod.dataplane == .ambient {
            let decision = EffectiveMode.decide(
                namespace: server.namespace, podLabels: pod.meta.labels, policies: policies)
            if decision.mode == .disable, let policy = decision.decidedBy.first {
                found.insert(policy)
            }
            let ownPorts = decision.ports.filter { $0.value != decision.mode }
            if ownPorts.values.contains(.disable), let policy = decision.decidedBy.last {
                found.insert(policy)
            }
        }
        return found
    }
}
