package import Diagnostics
import MeshModel

/// Ambient workloads that refuse plaintext on a port that a policy opens: a port's DISABLE, under a workload
/// mode that is unset and a STRICT that is inherited, is not looked for when istiod converts the policy.
package enum AmbientPortDisable: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        AmbientDivergence.all(.refused, in: context).map { found in
            let isWished = found.ports.contains { port in
                context.wish(forPort: port, of: found.pod).map { $0 != .strict } ?? false
            }
            return Diagnostic(
                .ambientPortDisable, isWished ? .error : .warning,
                "\(found.server) refuses plaintext on \(found.portText), "
                    + "although \(found.decidedBy) opens it",
                detail:
                    "In ambient a port's DISABLE under an inherited STRICT is not honoured while the "
                    + "policy's own mode is unset. Write PERMISSIVE for the port, or set `mtls.mode` "
                    + "in that policy. An exception of a plan always sets it.",
                at: context.entry(of: found.pod.meta.namespace)?.range)
        }
    }
}
