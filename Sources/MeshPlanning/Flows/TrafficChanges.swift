import MeshModel

/// The changes of rules and Sidecars among steps that run together, by what they decide about.
struct TrafficChanges {
    private var rulesByHost: [String: [TrafficChange]] = [:]
    private var wildcardRules: [TrafficChange] = []
    private var scopesByNamespace: [String: [TrafficChange]] = [:]
    private let rootNamespace: String
    let isEmpty: Bool

    init(_ changes: [TrafficChange], rootNamespace: String) {
        self.rootNamespace = rootNamespace
        isEmpty = changes.isEmpty
        for change in changes {
            switch change.kind {
            case .destinationRule: add(rule: change)
            case .sidecar: scopesByNamespace[change.namespace, default: []].append(change)
            // It declares hosts outside, of whose flows nothing is judged.
            case .serviceEntry: break
            }
        }
    }

    private mutating func add(rule change: TrafficChange) {
        let rules = change.rules
        if rules.contains(where: { $0.host.hasPrefix("*") }) {
            wildcardRules.append(change)
        } else {
            for host in Set(rules.map(\.fullHost)) {
                rulesByHost[host, default: []].append(change)
            }
        }
    }

    func rules(for host: String) -> [TrafficChange] {
        (rulesByHost[host] ?? [])
            + wildcardRules.filter { $0.rules.contains { $0.covers(host) } }
    }

    /// The root namespace's Sidecar holds where a namespace has none.
    func scopes(in namespaces: Set<String>) -> [TrafficChange] {
        namespaces.union([rootNamespace]).sorted().flatMap { scopesByNamespace[$0] ?? [] }
    }
}

extension TrafficChange {
    /// The rule as it was and as it will be.
    var rules: [DestinationRule] {
        guard kind == .destinationRule else { return [] }
        let meta = ObjectMeta(name: name, namespace: namespace)
        return [before, after].compactMap { image in
            image.flatMap { try? DestinationRule(meta: meta, spec: $0.spec) }
        }
    }
}
