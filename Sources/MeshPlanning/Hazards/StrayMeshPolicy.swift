package import Diagnostics
import MeshModel

/// A policy that was meant for the mesh and landed elsewhere: a manifest without a namespace goes wherever
/// kubectl points, and a mesh-wide policy is one only in the root namespace.
package enum StrayMeshPolicy: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let policies = context.now.policies
        guard (policies.meshPolicy?.mode ?? .unset) == .unset else { return [] }
        return context.observed.peerAuthentications
            .filter { isSuspect($0, context) }
            .sorted { $0.text < $1.text }
            .map { policy in
                let namespace = policy.meta.namespace
                let isMeshed = context.servers.servers(in: namespace).contains { server in
                    server.pods.contains { $0.dataplane.isMeshed }
                }
                return Diagnostic(
                    .strayMeshPolicy, isMeshed ? .note : .warning,
                    "PeerAuthentication \(policy.text) is STRICT for namespace \(namespace) only, "
                        + "and the mesh has no policy",
                    detail: (isMeshed
                        ? "" : "No pod there has a data plane, so it does nothing at all. ")
                        + "If it was meant for the whole mesh: that is said in "
                        + "\(policies.rootNamespace), or by `spec.mesh.mtls` of a plan. Once that "
                        + "is so, delete this one.",
                    remedy: "kubectl -n \(namespace) delete peerauthentication \(policy.meta.name)")
            }
    }

    /// A whole namespace's STRICT that no plan made, where the plan has no mode of its own, under a name or in
    /// the namespace that a slip would give it.
    private static func isSuspect(_ policy: PeerAuthentication, _ context: HazardContext) -> Bool {
        let namespace = policy.meta.namespace
        guard !policy.selectsWorkloads, policy.mode == .strict,
            namespace != context.observed.rootNamespace,
            policy.meta.labels[LabelKeys.managedBy] != LabelKeys.managedByMeshctl,
            context.entry(of: namespace)?.mtls == nil
        else { return false }
        let name = policy.meta.name.lowercased()
        return namespace == "default"
            || ["mesh", "global", "cluster", "istio-system"].contains { name.contains($0) }
    }
}
