/// The PeerAuthentications of a mesh by scope, each scope oldest first.
///
/// In every scope the oldest policy wins whole: the losers count for nothing, not even their ports
/// (istio `pilot/pkg/model/authentication.go`, `pkg/config/model.go:configCompareByCreationTime`).
package struct PeerAuthenticationIndex: Sendable, Equatable {
    package let rootNamespace: String
    /// Of the istiod that converts them for ztunnel; nil for one of the newest.
    package let version: IstioVersion?
    private var wide: [String: [PeerAuthentication]] = [:]
    private var selecting: [String: [PeerAuthentication]] = [:]

    package init(
        _ policies: [PeerAuthentication], rootNamespace: String, version: IstioVersion? = nil
    ) {
        self.rootNamespace = rootNamespace
        self.version = version
        add(policies)
    }

    /// Puts these in the place of all policies of one namespace.
    package mutating func replace(_ policies: [PeerAuthentication], in namespace: String) {
        wide[namespace] = nil
        selecting[namespace] = nil
        add(policies)
    }

    private mutating func add(_ policies: [PeerAuthentication]) {
        for policy in policies.sorted(by: PeerAuthentication.isOlder) {
            if policy.selectsWorkloads {
                selecting[policy.meta.namespace, default: []].append(policy)
            } else {
                wide[policy.meta.namespace, default: []].append(policy)
            }
        }
    }

    /// The policy of the whole mesh: the root namespace's oldest without a selector.
    package var meshPolicy: PeerAuthentication? { wide[rootNamespace]?.first }

    /// The policy of a namespace; nil for the root namespace, whose policies are the mesh's.
    package func namespacePolicy(_ namespace: String) -> PeerAuthentication? {
        namespace == rootNamespace ? nil : wide[namespace]?.first
    }

    /// The oldest policy of a namespace that has no selector at all, not even an empty one.
    package func selectorlessPolicy(_ namespace: String) -> PeerAuthentication? {
        wide[namespace]?.first { $0.selector == nil }
    }

    /// The policy of a workload: the oldest that selects it. Two selectors that meet on one pod are
    /// one scope: nothing is merged. A selector in the root namespace selects nothing, not even there.
    package func workloadPolicy(
        namespace: String, podLabels: [String: String]
    ) -> PeerAuthentication? {
        selecting(namespace: namespace, podLabels: podLabels).first
    }

    /// The policies that select this pod and lose to an older one, oldest first.
    package func shadowed(
        namespace: String, podLabels: [String: String]
    ) -> [PeerAuthentication] {
        Array(selecting(namespace: namespace, podLabels: podLabels).dropFirst())
    }

    /// The mesh-wide and namespace-wide policies that lose to an older one of their namespace.
    package var shadowedWide: [PeerAuthentication] {
        wide.sorted { $0.key < $1.key }.flatMap { $0.value.dropFirst() }
    }

    /// Policies with a selector in the root namespace, which istiod ignores.
    package var ignored: [PeerAuthentication] { selecting[rootNamespace] ?? [] }

    private func selecting(
        namespace: String, podLabels: [String: String]
    ) -> [PeerAuthentication] {
        guard namespace != rootNamespace else { return [] }
        return (selecting[namespace] ?? []).filter { $0.selector?.matches(podLabels) ?? false }
    }
}

extension PeerAuthentication {
    /// By creation time, then name, then namespace. A policy without a time does not exist yet,
    /// and will be younger than all that do.
    package static func isOlder(_ a: PeerAuthentication, _ b: PeerAuthentication) -> Bool {
        let (aTime, bTime) = (a.meta.creationTimestamp, b.meta.creationTimestamp)
        if aTime != bTime {
            if aTime.isEmpty || bTime.isEmpty { return bTime.isEmpty }
            return aTime < bTime
        }
        return (a.meta.name, a.meta.namespace) < (b.meta.name, b.meta.namespace)
    }

    /// `shop/default`
    package var text: String { "\(meta.namespace)/\(meta.name)" }
}
