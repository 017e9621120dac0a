import MeshModel

/// What the planning of client rules, external hosts and egress looks up, arranged once.
struct TrafficIndex {
    let unreadable: Set<String>
    let rootNamespace: String
    /// DestinationRules, ServiceEntries, Sidecars; each by namespace and name.
    let objects: [TrafficObject]
    /// Rules whose host begins with `*`.
    let wildcardRules: [DestinationRule]

    private let living: Set<String>
    private let known: Set<String>
    private let waves: [String: String?]
    private let rulesByHost: [String: [DestinationRule]]
    private let entriesByHost: [String: [ServiceEntry]]
    private let scopesByNamespace: [String: [SidecarScope]]
    private let services: [String: Service]

    init(_ state: MeshState, _ namespaces: [ResolvedNamespace]) {
        let flows = state.flows
        unreadable = flows.unreadable
        rootNamespace = state.rootNamespace
        objects =
            flows.destinationRules.map { TrafficObject($0) }
            + flows.serviceEntries.map { TrafficObject($0) }
            + flows.sidecarScopes.map { TrafficObject($0) }
        wildcardRules = flows.destinationRules.filter { $0.host.hasPrefix("*") }
        known = Set(state.namespaces.map(\.name))
        living = Set(state.namespaces.filter { !$0.meta.isTerminating }.map(\.name))
        waves = Dictionary(
            namespaces.map { ($0.name, $0.entry.wave) }, uniquingKeysWith: { first, _ in first })
        rulesByHost = Dictionary(grouping: flows.destinationRules, by: \.fullHost)
        scopesByNamespace = Dictionary(grouping: flows.sidecarScopes, by: \.meta.namespace)
        services = Dictionary(
            flows.services.map { ($0.meta.text, $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [String: [ServiceEntry]] = [:]
        for entry in flows.serviceEntries {
            for host in Set(entry.hosts) { entries[host, default: []].append(entry) }
        }
        entriesByHost = entries
    }

    func isKnown(_ namespace: String) -> Bool { known.contains(namespace) }

    func isLiving(_ namespace: String) -> Bool { living.contains(namespace) }

    /// Whether the plan has an entry for the namespace.
    func isListed(_ namespace: String) -> Bool { waves.keys.contains(namespace) }

    func wave(of namespace: String) -> String? { waves[namespace] ?? nil }

    /// Rules for exactly this host, in every namespace.
    func rules(forHost host: String) -> [DestinationRule] { rulesByHost[host] ?? [] }

    func rules(forHost host: String, in namespace: String) -> [DestinationRule] {
        rules(forHost: host).filter { $0.meta.namespace == namespace }
    }

    func entries(forHost host: String, in namespace: String) -> [ServiceEntry] {
        (entriesByHost[host] ?? []).filter { $0.meta.namespace == namespace }
    }

    func scopes(in namespace: String) -> [SidecarScope] { scopesByNamespace[namespace] ?? [] }

    func service(_ host: ServiceHost) -> Service? { services["\(host.namespace)/\(host.name)"] }
}
