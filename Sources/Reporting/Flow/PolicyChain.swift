import MeshModel

/// A PeerAuthentication that has, or seems to have, a say about a pod, and what becomes of it.
package struct PolicyChainEntry: Encodable, Sendable, Hashable {
    /// What becomes of a policy: the closed set of `role`.
    package enum Role: String, Encodable, Sendable, Hashable, CaseIterable {
        /// It sets the mode.
        case decides
        /// It sets the mode of ports, and inherits the others'.
        case decidesPorts = "decides-ports"
        /// A narrower scope sets the mode.
        case overridden
        /// It has no mode of its own.
        case inherits
        /// An older policy of the same scope wins whole.
        case shadowed
        /// istiod passes it over.
        case ignored
        /// Nothing at the pod enforces any policy.
        case inert
    }

    /// `mesh`, `namespace` or `workload`
    package var scope: String
    /// `namespace/name`
    package var policy: String
    /// `UNSET` where it has none.
    package var mode: String
    /// Container ports with a mode of their own.
    package var ports: [String: String]
    package var role: Role
    /// The policy that wins over it; absent where none does.
    package var by: String?
    /// In words.
    package var because: String
}

/// The chains of a mesh: who wins for a pod, and who does not.
struct PolicyChains {
    private let policies: PeerAuthenticationIndex
    /// Mesh- and namespace-wide policies that lose to an older one.
    private let shadowedWide: [String: [PeerAuthentication]]

    init(_ policies: PeerAuthenticationIndex) {
        self.policies = policies
        shadowedWide = Dictionary(grouping: policies.shadowedWide, by: \.meta.namespace)
    }

    /// From the mesh to the workload, in each scope the winner first.
    func chain(of pod: Pod) -> [PolicyChainEntry] {
        let (namespace, labels) = (pod.meta.namespace, pod.meta.labels)
        let root = policies.rootNamespace
        let mesh = meshPolicy(for: pod)
        let own = policies.workloadPolicy(namespace: namespace, podLabels: labels)
        let winners = [
            ("mesh", mesh), ("namespace", policies.namespacePolicy(namespace)), ("workload", own),
        ]
        let decider = winners.compactMap(\.1).last { $0.mode != .unset }
        let isInert = ![.sidecar, .ambient].contains(pod.dataplane)
        var chain: [PolicyChainEntry] = []
        for (scope, winner) in winners {
            if let winner {
                chain.append(
                    isInert
                        ? entry(scope, winner, .inert, because: Self.inertReason(pod))
                        : entry(scope, winner: winner, decider: decider))
            }
            if scope == "mesh" { chain += passedOver(mesh, root: root, pod) }
            guard let winner else { continue }
            let losers =
                scope == "workload"
                ? policies.shadowed(namespace: namespace, podLabels: labels)
                : (shadowedWide[scope == "mesh" ? root : namespace] ?? [])
            chain += losers.filter { $0 != winner }.map {
                entry(
                    scope, $0, .shadowed, by: winner,
                    because: "loses whole to \(winner.text), \(Self.age(of: winner, against: $0))")
            }
        }
        return chain
    }

    private func entry(
        _ scope: String, winner policy: PeerAuthentication, decider: PeerAuthentication?
    ) -> PolicyChainEntry {
        let isWorkload = scope == "workload"
        if policy == decider {
            let ports =
                policy.portModes.isEmpty
                ? "" : isWorkload ? ", ports too" : "; its ports are ignored"
            return entry(scope, policy, .decides, because: "decides" + ports)
        }
        if policy.mode == .unset {
            guard isWorkload, !policy.portModes.isEmpty else {
                return entry(scope, policy, .inherits, because: "sets no mode")
            }
            return entry(
                scope, policy, .decidesPorts, because: "decides its ports; other ports inherit")
        }
        return entry(
            scope, policy, .overridden, by: decider,
            because: "overridden by \(decider?.text ?? "a narrower one")")
    }

    /// What istiod does not look at: a selector in the root namespace, also for pods there (istio issue 61023), and
    /// for ztunnel a mesh policy with an empty selector (`ZtunnelPolicies`).
    private func passedOver(
        _ mesh: PeerAuthentication?, root: String, _ pod: Pod
    ) -> [PolicyChainEntry] {
        var passed: [PolicyChainEntry] = []
        if let wide = policies.meshPolicy, wide != mesh {
            passed.append(
                entry(
                    "mesh", wide, .ignored,
                    because: "ignored: for ambient pods a mesh policy must have no selector, "
                        + "not even an empty one"))
        }
        return passed
            + policies.ignored.filter { $0.selector?.matches(pod.meta.labels) ?? false }.map {
                entry(
                    "mesh", $0, .ignored,
                    because: "ignored: a selector in the root namespace selects nothing")
            }
    }

    private func meshPolicy(for pod: Pod) -> PeerAuthentication? {
        let isAmbientElsewhere =
            pod.dataplane == .ambient && pod.meta.namespace != policies.rootNamespace
        return isAmbientElsewhere
            ? policies.selectorlessPolicy(policies.rootNamespace) : policies.meshPolicy
    }

    private func entry(
        _ scope: String, _ policy: PeerAuthentication, _ role: PolicyChainEntry.Role,
        by winner: PeerAuthentication? = nil, because: String
    ) -> PolicyChainEntry {
        PolicyChainEntry(
            scope: scope, policy: policy.text, mode: policy.mode.rawValue,
            ports: Dictionary(
                uniqueKeysWithValues: policy.portModes.map { (String($0), $1.rawValue) }),
            role: role, by: winner?.text, because: because)
    }

    private static func inertReason(_ pod: Pod) -> String {
        switch pod.dataplane {
        case .gateway, .waypoint: "inert: a gateway's own listeners decide"
        default: "inert: nothing at the pod enforces it"
        }
    }

    /// Without creation times, as in manifests, the name decides.
    private static func age(
        of winner: PeerAuthentication, against loser: PeerAuthentication
    ) -> String {
        winner.meta.creationTimestamp == loser.meta.creationTimestamp
            ? "which is first by name" : "which is older"
    }
}

extension [PolicyChainEntry] {
    /// `mesh  istio-system/default  STRICT  overridden by shop/default`
    ///
    /// - Parameter mode: what is enforced in the end.
    func table(mode: String) -> TextTable {
        var table = TextTable()
        if isEmpty {
            table.add(
                line: mode == EnforcedMode.none
                    ? "none" : TextLine("none, so Istio's default holds: \(mode)"))
        }
        for entry in self {
            let style: TextStyle =
                switch entry.role {
                case .decides, .decidesPorts: .green
                case .shadowed, .ignored, .inert: .yellow
                case .overridden, .inherits: .plain
                }
            table.add([
                TextLine(entry.scope), TextLine(entry.policy), TextLine(entry.modes),
                TextLine(entry.because, style),
            ])
        }
        return table
    }
}

extension PolicyChainEntry {
    /// `STRICT, 3000 PERMISSIVE`
    fileprivate var modes: String {
        ([mode == MTLSMode.unset.rawValue ? "no mode" : mode] + Phrases.ports(ports)).joined(
            separator: ", ")
    }
}

extension Phrases {
    /// `3000 PERMISSIVE`, by number.
    static func ports(_ modes: [String: String]) -> [String] {
        modes.sorted { (Int($0.key) ?? 0, $0.key) < (Int($1.key) ?? 0, $1.key) }
            .map { "\($0.key) \($0.value)" }
    }
}
