package import Diagnostics
import MeshModel

/// Policies that say something and mean nothing, because an older one of their scope wins whole
/// (istio `pilot/pkg/model/authentication.go`, `pkg/config/model.go:configCompareByCreationTime`).
///
/// The planner itself refuses to write into such a scope; this finds the rest: policies of other owners,
/// and selectors that meet on workloads that have no pods yet.
package enum ShadowedPolicies: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        wide(context) + workloads(context)
    }

    private static func wide(_ context: HazardContext) -> [Diagnostic] {
        let policies = context.then.policies
        return policies.shadowedWide.compactMap { loser in
            let namespace = loser.meta.namespace
            let isMesh = namespace == policies.rootNamespace
            guard
                let winner = isMesh ? policies.meshPolicy : policies.namespacePolicy(namespace)
            else { return nil }
            return diagnostic(
                loser, by: winner, on: isMesh ? "the mesh" : "namespace \(namespace)", context)
        }
    }

    private static func workloads(_ context: HazardContext) -> [Diagnostic] {
        var reported: Set<[String]> = []
        var found: [Diagnostic] = []
        for server in context.servers.all {
            for pod in server.pods where pod.dataplane != .gateway && pod.dataplane != .waypoint {
                let policies = context.then.policies
                let losers = policies.shadowed(
                    namespace: server.namespace, podLabels: pod.meta.labels)
                guard !losers.isEmpty,
                    let winner = policies.workloadPolicy(
                        namespace: server.namespace, podLabels: pod.meta.labels)
                else { continue }
                for loser in losers where reported.insert([winner.text, loser.text]).inserted {
                    found.append(diagnostic(loser, by: winner, on: server.text, context))
                }
            }
        }
        return found
    }

    private static func diagnostic(
        _ loser: PeerAuthentication, by winner: PeerAuthentication, on place: String,
        _ context: HazardContext
    ) -> Diagnostic {
        // Where two workload policies meet, the plan's own is at risk whichever of them is older.
        let isPlans =
            context.isPlans(loser) || (loser.selectsWorkloads && context.isPlans(winner))
        let next =
            isPlans && loser.selectsWorkloads
            ? "Write one exception whose selector covers both, or selectors that do not meet."
            : "Delete the one that is not meant, after checking that nobody needs it."
        return Diagnostic(
            .shadowedPolicy, isPlans ? .error : .warning,
            "PeerAuthentication \(loser.text) does nothing for \(place): "
                + "the older \(winner.text) wins",
            detail: "Of two policies of one scope only the oldest counts, as a whole; were it "
                + "deleted, the other would begin to count. " + next,
            remedy: isPlans && loser.selectsWorkloads
                ? nil
                : "kubectl -n \(loser.meta.namespace) delete peerauthentication \(loser.meta.name)",
            at: isPlans ? context.entry(of: loser.meta.namespace)?.range : nil)
    }
}
