/// An AuthorizationPolicy, `security.istio.io/v1`: which workloads it is for, and what its rules look at.
package struct AuthorizationPolicy: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable {
        case allow = "ALLOW"
        case deny = "DENY"
        case audit = "AUDIT"
        case custom = "CUSTOM"
    }

    package struct Rule: Sendable, Hashable {
        /// Fields that need the client's mesh identity: principals, namespaces, service accounts.
        package var identityFields: Set<String>
        /// Fields that need HTTP to be read: methods, paths, hosts, request principals, headers.
        package var httpFields: Set<String>

        package init(identityFields: Set<String> = [], httpFields: Set<String> = []) {
            self.identityFields = identityFields
            self.httpFields = httpFields
        }
    }

    package var meta: ObjectMeta
    package var selector: LabelSelector?
    /// Whether it names Gateways or Services: then waypoints and gateways obey it, and nobody else.
    package var hasTargetRefs: Bool
    package var action: Action
    package var rules: [Rule]

    package init(
        meta: ObjectMeta, selector: LabelSelector? = nil, hasTargetRefs: Bool = false,
        action: Action = .allow, rules: [Rule] = []
    ) {
        self.meta = meta
        self.selector = selector
        self.hasTargetRefs = hasTargetRefs
        self.action = action
        self.rules = rules
    }

    /// Only counted, not enforced: ztunnel does not get it.
    package var isDryRun: Bool {
        ["1", "t", "T", "TRUE", "true", "True"].contains(meta.annotations["istio.io/dry-run"])
    }

    package var identityFields: [String] { Set(rules.flatMap(\.identityFields)).sorted() }
    package var httpFields: [String] { Set(rules.flatMap(\.httpFields)).sorted() }
}

/// The AuthorizationPolicies that workloads obey, by namespace
/// (istio `pilot/pkg/model/authorization.go`). Unlike a PeerAuthentication's, a selector in the root namespace
/// selects in every namespace.
package struct AuthorizationPolicyIndex: Sendable {
    private let rootNamespace: String
    private let byNamespace: [String: [AuthorizationPolicy]]

    package init(_ policies: [AuthorizationPolicy], rootNamespace: String) {
        self.rootNamespace = rootNamespace
        byNamespace = Dictionary(
            grouping: policies.filter { !$0.hasTargetRefs }, by: \.meta.namespace)
    }

    package var isEmpty: Bool { byNamespace.isEmpty }

    /// The policies that istiod lists on a workload for ztunnel, `namespace/name`, in its order: those that
    /// select it by labels, in its own namespace or the root's
    /// (istio `pilot/pkg/serviceregistry/ambient/workloads.go:buildWorkloadPolicies`,
    /// `authorization.go:convertAuthorizationPolicy`). Policies without a selector hold without being listed.
    package func listedForZtunnel(namespace: String, labels: [String: String]) -> [String] {
        Set([rootNamespace, namespace]).flatMap { byNamespace[$0] ?? [] }
            .filter { policy in
                guard let selector = policy.selector, !selector.matchLabels.isEmpty,
                    policy.action == .allow || policy.action == .deny, !policy.isDryRun
                else { return false }
                return selector.matches(labels)
            }
            .map(\.meta.text).sorted()
    }

    package func policies(for pod: Pod) -> [AuthorizationPolicy] {
        let namespace = pod.meta.namespace
        let own = byNamespace[namespace] ?? []
        let root = namespace == rootNamespace ? [] : byNamespace[rootNamespace] ?? []
        return (root + own).filter { $0.selector?.matches(pod.meta.labels) ?? true }
    }
}
