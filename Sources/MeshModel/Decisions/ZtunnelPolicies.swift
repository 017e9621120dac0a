/// What ztunnel enforces for a captured pod.
///
/// ztunnel never sees a PeerAuthentication. istiod lists DENY policies on each workload, made from
/// them by two functions that do not always agree: a workload may refer to a policy that istiod
/// does not send, and ztunnel skips it (`src/state.rs:assert_rbac`). Such a pod accepts plaintext
/// on every port, although a sidecar in its place would refuse it.
package enum ZtunnelPolicies {
    package struct Decision: Sendable, Hashable {
        /// The policies that the workload lists, `namespace/name`, sorted.
        package var references: [String]
        /// Of those, the ones that istiod does not send.
        package var missing: [String]
        /// Where connections without a mesh identity are denied.
        package var denied: DeniedPorts
        /// Where every connection is denied, with an identity or without: only by istiods that
        /// `convertsPoliciesUnmerged`.
        package var deniedToAll: DeniedPorts

        package init(
            references: [String], missing: [String] = [], denied: DeniedPorts,
            deniedToAll: DeniedPorts = .none
        ) {
            self.references = references
            self.missing = missing
            self.denied = denied
            self.deniedToAll = deniedToAll
        }

        /// Whether an older istiod would have made another policy of the same PeerAuthentication.
        package var dependsOnVersion: Bool {
            references.contains { $0.contains("/converted_peer_authentication_") }
        }

        package func refusesPlaintext(onPort port: Int) -> Bool { denied.contains(port) }
    }

    /// The ports of a pod on which connections without a mesh identity are denied.
    package enum DeniedPorts: Sendable, Hashable {
        case only(Set<Int>)
        case allExcept(Set<Int>)

        package static let none = DeniedPorts.only([])
        package static let all = DeniedPorts.allExcept([])

        package func contains(_ port: Int) -> Bool {
            switch self {
            case .only(let ports): ports.contains(port)
            case .allExcept(let ports): !ports.contains(port)
            }
        }
    }

    package static func decide(
        namespace: String, podLabels: [String: String], policies: PeerAuthenticationIndex
    ) -> Decision {
        let mesh = policies.ambientMeshPolicy(forPodsIn: namespace)
        let ofNamespace = policies.namespacePolicy(namespace)
        let inherited = [ofNamespace, mesh].compactMap { $0?.mode }.first { $0 != .unset }
        let workload = policies.workloadPolicy(namespace: namespace, podLabels: podLabels)
        switch reference(workload: workload, inherited: inherited ?? .unset) {
        case .nothing: return Decision(references: [], denied: .none)
        case .staticStrict:
            let name = "\(policies.rootNamespace)/istio_converted_static_strict"
            return Decision(references: [name], denied: .all)
        case .converted(let workload):
            let name =
                "\(workload.meta.namespace)/converted_peer_authentication_\(workload.meta.name)"
            if policies.version?.convertsPoliciesUnmerged == true {
                return unmerged(
                    workload, name: name, inherited: inherited ?? .unset,
                    rootNamespace: policies.rootNamespace)
            }
            let converted = convert(
                workload, namespacePolicy: policies.selectorlessPolicy(namespace),
                meshPolicy: policies.selectorlessPolicy(policies.rootNamespace),
                rootNamespace: policies.rootNamespace)
            return Decision(
                references: [name], missing: converted == nil ? [name] : [],
                denied: converted ?? .none)
        }
    }

    /// Beside the converted policy stands the static one, where the workload inherits STRICT and sets no mode:
    /// either of them denies.
    private static func unmerged(
        _ workload: PeerAuthentication, name: String, inherited: MTLSMode, rootNamespace: String
    ) -> Decision {
        let converted = UnmergedConversion.convert(workload, rootNamespace: rootNamespace)
        let missing = converted == nil ? [name] : []
        guard workload.mode == .unset, inherited == .strict else {
            return Decision(
                references: [name], missing: missing, denied: converted?.anonymous ?? .none,
                deniedToAll: converted?.everybody ?? .none)
        }
        return Decision(
            references: ["\(rootNamespace)/istio_converted_static_strict", name].sorted(),
            missing: missing, denied: .all, deniedToAll: converted?.everybody ?? .none)
    }

    private enum Reference {
        case nothing, staticStrict
        case converted(PeerAuthentication)
    }

    /// Which policy the workload lists
    /// (istio `pilot/pkg/serviceregistry/ambient/authorization.go:convertedSelectorPeerAuthentications`).
    private static func reference(workload: PeerAuthentication?, inherited: MTLSMode) -> Reference {
        let strictElsewhere: Reference = inherited == .strict ? .staticStrict : .nothing
        guard let workload else { return strictElsewhere }
        let ports = Set(workload.portModes.values)
        switch workload.mode {
        case .strict:
            let isRelaxed = ports.contains(.permissive) || ports.contains(.disable)
            return isRelaxed ? .converted(workload) : .staticStrict
        case .permissive, .disable:
            return ports.contains(.strict) ? .converted(workload) : .nothing
        case .unset where inherited == .strict:
            // A port's DISABLE is not looked for here: under an inherited STRICT it does not hold.
            return ports.contains(.permissive) ? .converted(workload) : .staticStrict
        case .unset:
            return ports.contains(.strict) ? .converted(workload) : .nothing
        }
    }

    /// The policy that istiod makes of a workload's PeerAuthentication; nil when it makes none.
    ///
    /// From istio `pilot/pkg/serviceregistry/ambient/authorization.go:convertPeerAuthentication`, with
    /// its precedence of `&&` over `||`: under a STRICT mesh and no namespace mode a STRICT port
    /// counts as enforced by the parent even where the workload's own mode is PERMISSIVE.
    package static func convert(
        _ policy: PeerAuthentication, namespacePolicy: PeerAuthentication?,
        meshPolicy: PeerAuthentication?, rootNamespace: String
    ) -> DeniedPorts? {
        guard policy.meta.namespace != rootNamespace, policy.selector != nil else { return nil }
        let meshIsStrict = meshPolicy?.mode == .strict
        let inheritsStrictMesh = (namespacePolicy?.mode ?? .unset) == .unset && meshIsStrict
        let strictByParent =
            policy.mode == .strict
            || (policy.mode == .unset && namespacePolicy?.mode == .strict) || inheritsStrictMesh
        // Differs from the above where the namespace policy is there but UNSET.
        let exceptsPorts: Bool =
            switch policy.mode {
            case .strict: true
            case .permissive, .disable: false
            case .unset: namespacePolicy.map { $0.mode == .strict } ?? meshIsStrict
            }
        let strict = strictByParent ? [] : ports(of: policy) { $0 == .strict }
        let relaxed = exceptsPorts ? ports(of: policy) { $0 == .permissive || $0 == .disable } : []
        if !relaxed.isEmpty { return .allExcept(relaxed) }
        return strict.isEmpty ? nil : .only(strict)
    }

    private static func ports(
        of policy: PeerAuthentication, where matches: (MTLSMode) -> Bool
    ) -> Set<Int> {
        Set(policy.portModes.filter { matches($0.value) }.keys)
    }
}

extension PeerAuthenticationIndex {
    /// The mesh-wide policy as istiod's ambient side finds it: for pods outside the root namespace
    /// a policy with an empty selector does not count
    /// (istio `pilot/pkg/serviceregistry/ambient/workloads.go:fetchPeerAuthentications`).
    fileprivate func ambientMeshPolicy(forPodsIn namespace: String) -> PeerAuthentication? {
        namespace == rootNamespace ? meshPolicy : selectorlessPolicy(rootNamespace)
    }
}
