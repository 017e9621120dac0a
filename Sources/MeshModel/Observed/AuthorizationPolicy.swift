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

    package func policies(for pod: Pod) -> [AuthorizationPolicy] {
        let namespace = pod.meta.namespace
        let own = byNamespace[namespace] ?? []
        let root = namespace == rootNamespace ? [] : byNamespace[rootNamespace] ?? []
        return (root + own).filter { $0.selector?.matches(pod.meta.labels) ?? true }
    }
}
