package import Diagnostics
import MeshModel

/// STRICT where no proxy is there to enforce it: everybody goes on being let in, in plaintext.
package enum StrictWithoutDataPlane: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let found = context.strictNamespaces.compactMap { of($0, context) }
        return found.isEmpty ? ofMesh(context) : found
    }

    private static func of(
        _ resolved: ResolvedNamespace, _ context: HazardContext
    ) -> Diagnostic? {
        let servers = context.servers.servers(in: resolved.name)
        guard !servers.contains(where: \.isMeshed) else { return nil }
        guard !servers.isEmpty else {
            return Diagnostic(
                .strictWithoutDataPlane, .note,
                "namespace \(resolved.name) has no pods that its STRICT could protect",
                at: resolved.entry.range)
        }
        return Diagnostic(
            .strictWithoutDataPlane,
            "namespace \(resolved.name) would be STRICT, and no pod there has a data plane",
            detail:
                "A PeerAuthentication is enforced by the pod's own sidecar or by ztunnel. Without "
                + "either, \(servers.map(\.text).shortList) would go on accepting "
                + "plaintext from everybody. Bring the namespace into the mesh, or take "
                + "`mtls: STRICT` out:",
            remedy: "dataplane: ambient   # or sidecar", at: resolved.entry.range)
    }

    private static func ofMesh(_ context: HazardContext) -> [Diagnostic] {
        guard context.plan.mesh.mtls == .strict, context.then.policies.meshPolicy?.mode == .strict,
            !context.servers.all.contains(where: \.isMeshed)
        else { return [] }
        return [
            Diagnostic(
                .strictWithoutDataPlane, context.servers.all.isEmpty ? .note : .warning,
                "the mesh would be STRICT, and no pod of the cluster has a data plane",
                detail: "Nothing enforces the policy: all pods go on accepting plaintext. List the "
                    + "namespaces that belong into the mesh with their `dataplane`.",
                at: context.plan.mesh.range)
        ]
    }
}

extension ServerIndex.Server {
    fileprivate var isMeshed: Bool { pods.contains { $0.dataplane.isMeshed } }
}
