package import Diagnostics
import MeshModel

/// STRICT for a workload, or for a port, under a DISABLE of its namespace or mesh: clients guess what to send
/// from the mesh's and the namespace's mode alone, send plaintext, and are refused
/// (istio `pilot/pkg/model/push_context.go:BestEffortInferServiceMTLSMode`).
package enum NamespaceDisableWorkloadStrict: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        context.reached.namespaces.sorted { $0.name < $1.name }.compactMap { namespace in
            let policies = context.then.policies
            guard
                EffectiveMode.clientSideMode(ofNamespace: namespace.name, policies: policies)
                    == .disable
            else { return nil }
            let strict = context.servers.servers(in: namespace.name).compactMap { server in
                strictPolicy(of: server.pods, policies).map { (server: server, policy: $0) }
            }
            guard let first = strict.first else { return nil }
            // What is refused today already is no reason to block.
            let isNew = strict.contains { !isRefusedNow($0.server, context) }
            let owner =
                policies.namespacePolicy(namespace.name).flatMap {
                    $0.mode == .unset ? nil : $0
                } ?? policies.meshPolicy
            return Diagnostic(
                .namespaceDisableWorkloadStrict, isNew ? .error : .warning,
                "\(first.server.text) is STRICT by \(first.policy), and sidecars send it plaintext because "
                    + "of the DISABLE of \(owner?.text ?? namespace.name)",
                detail:
                    "Clients look only at the mode of the Service's namespace, or of the mesh, when "
                    + "they choose between plaintext and mTLS. Make that PERMISSIVE. Workloads: "
                    + "\(strict.map(\.server.text).shortList).",
                remedy: "- name: \(namespace.name)\n  mtls: PERMISSIVE",
                at: context.entry(of: namespace.name)?.range)
        }
    }

    private static func isRefusedNow(
        _ server: ServerIndex.Server, _ context: HazardContext
    ) -> Bool {
        let policies = context.now.policies
        let pods = server.pods.compactMap {
            server.isTemplate ? $0 : context.now.pod($0.meta.namespace, $0.meta.name)
        }
        return strictPolicy(of: pods, policies) != nil
            && EffectiveMode.clientSideMode(ofNamespace: server.namespace, policies: policies)
                == .disable
    }

    /// The policy that makes a sidecar, or a port of it, STRICT.
    private static func strictPolicy(
        of pods: [Pod], _ policies: PeerAuthenticationIndex
    ) -> String? {
        for pod in pods where pod.dataplane == .sidecar {
            let decision = EffectiveMode.decide(
                namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: policies)
            if decision.mode == .strict { return decision.decidedBy.first }
            if decision.ports.values.contains(.strict) { return decision.decidedBy.last }
        }
        return nil
    }
}
