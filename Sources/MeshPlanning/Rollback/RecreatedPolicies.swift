import Diagnostics
import MeshModel

/// A policy that is made again is younger than it was, and of two policies of one scope the oldest wins.
enum RecreatedPolicies {
    /// Those among the rollback's policies that do not decide, although they are back.
    static func diagnostics(for steps: [Step], on observed: MeshState) -> [Diagnostic] {
        let present = Set(observed.peerAuthentications.map(\.text))
        let after = observed.applying(steps.map(\.change))
        let policies = PeerAuthenticationIndex(
            after.peerAuthentications, rootNamespace: after.rootNamespace)
        let pods = Dictionary(grouping: observed.pods, by: \.meta.namespace)
        return after.peerAuthentications.compactMap { policy in
            guard !present.contains(policy.text),
                let winner = winner(
                    over: policy, among: policies, pods: pods[policy.meta.namespace] ?? [])
            else { return nil }
            return Diagnostic(
                .shadowedPolicy, .warning,
                "PeerAuthentication \(policy.text) is made again, "
                    + "but \(winner.text) is older now and wins",
                detail: "Of two policies of one scope only the oldest counts. To give "
                    + "\(policy.text) its place back, delete the other one and make it again.",
                remedy: "kubectl -n \(winner.meta.namespace) get peerauthentication "
                    + "\(winner.meta.name) -o yaml")
        }
    }

    /// The policy that decides in place of this one, for the namespace or for a pod that it selects.
    ///
    /// - Parameter pods: those of the policy's namespace.
    private static func winner(
        over policy: PeerAuthentication, among policies: PeerAuthenticationIndex, pods: [Pod]
    ) -> PeerAuthentication? {
        let namespace = policy.meta.namespace
        let deciding: [PeerAuthentication?]
        if policy.selectsWorkloads {
            deciding = pods.filter { policy.selector?.matches($0.meta.labels) ?? false }.map {
                policies.workloadPolicy(namespace: namespace, podLabels: $0.meta.labels)
            }
        } else {
            deciding = [
                namespace == policies.rootNamespace
                    ? policies.meshPolicy : policies.namespacePolicy(namespace)
            ]
        }
        return deciding.compactMap(\.self).first { $0.meta.name != policy.meta.name }
    }
}
