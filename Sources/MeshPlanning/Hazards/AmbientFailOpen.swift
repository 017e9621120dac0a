package import Diagnostics
import MeshModel

/// Ambient workloads that accept plaintext where the policies say STRICT.
package enum AmbientFailOpen: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        AmbientDivergence.all(.open, in: context).map { found in
            let isWished = found.ports.contains {
                context.wish(forPort: $0, of: found.pod) == .strict
            }
            let namespace = found.pod.meta.namespace
            return Diagnostic(
                .ambientFailOpen, isWished ? .error : .warning,
                "\(found.server) accepts plaintext on \(found.portText), "
                    + "although \(found.decidedBy) means STRICT",
                detail:
                    "In ambient, istiod converts this combination of policies into none at all, and "
                    + "ztunnel skips what it was not sent. Give namespace \(namespace) a "
                    + "policy with an explicit mode, or make the workload's policy STRICT with its "
                    + "exceptions as ports. In the plan:",
                remedy: "- name: \(namespace)\n  mtls: STRICT",
                at: context.entry(of: namespace)?.range)
        }
    }
}
