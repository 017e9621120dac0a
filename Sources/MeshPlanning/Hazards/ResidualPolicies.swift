package import Diagnostics
import MeshModel

/// Policies that keep something open under a STRICT of the plan: the narrower one wins, so that a forgotten
/// PERMISSIVE or DISABLE outlives the mesh-wide flip.
package enum ResidualPolicies: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let policies = context.then.policies
        let isMeshStrict =
            context.plan.mesh.mtls == .strict && policies.meshPolicy?.mode == .strict
        let strict = Set(context.strictNamespaces.map(\.name))
        let found = Dictionary(
            grouping: context.reached.peerAuthentications.filter {
                $0.meta.namespace != policies.rootNamespace
                    && (isMeshStrict || strict.contains($0.meta.namespace))
                    && isOpen($0) && !isAsked($0, context)
            }, by: \.meta.namespace)
        return found.sorted { $0.key < $1.key }.map { namespace, residual in
            diagnostic(
                namespace, residual.sorted { $0.meta.name < $1.meta.name },
                under: strict.contains(namespace) ? "namespace" : "mesh", context)
        }
    }

    private static func diagnostic(
        _ namespace: String, _ residual: [PeerAuthentication], under scope: String,
        _ context: HazardContext
    ) -> Diagnostic {
        let names = residual.map { "\($0.meta.name) (\($0.openText))" }
        return Diagnostic(
            .residualPolicy, .warning,
            "\(residual.count == 1 ? "a policy keeps" : "\(residual.count) policies keep") part of "
                + "namespace \(namespace) open under the \(scope)'s STRICT",
            detail:
                "The narrower policy wins: \(names.shortList). Delete what nobody needs any more; "
                + "write what is needed as an exception with its reason, or as the namespace's "
                + "`mtls`.",
            remedy: "kubectl -n \(namespace) get peerauthentication",
            at: context.entry(of: namespace)?.range)
    }

    private static func isOpen(_ policy: PeerAuthentication) -> Bool {
        func opens(_ mode: MTLSMode) -> Bool { mode == .permissive || mode == .disable }
        return opens(policy.mode)
            || (policy.selectsWorkloads && policy.portModes.values.contains(where: opens))
    }

    /// Whether the plan says that it should be so.
    private static func isAsked(_ policy: PeerAuthentication, _ context: HazardContext) -> Bool {
        guard let entry = context.entry(of: policy.meta.namespace) else { return false }
        guard policy.selectsWorkloads else {
            return entry.mtls == policy.mode
        }
        return entry.exceptions.contains { $0.selector == policy.selector }
    }
}

extension PeerAuthentication {
    /// `PERMISSIVE`, `3000 PERMISSIVE, 4000 DISABLE`
    fileprivate var openText: String {
        let ports = portModes.filter { $0.value == .permissive || $0.value == .disable }
            .sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.rawValue)" }
        let own = mode == .permissive || mode == .disable ? [mode.rawValue] : []
        return (own + (selectsWorkloads ? ports : [])).joined(separator: ", ")
    }
}
