/// The ServiceEntries of a mesh, and which of them a proxy takes for a host outside the cluster
/// (istio `pilot/pkg/model/push_context.go:servicesExportedToNamespace`, `sidecar.go`).
package struct ServiceEntryIndex: Sendable {
    private var byNamespace: [String: [ServiceEntry]]
    /// The namespaces whose entries name a host, by the host as they write it.
    private var namespacesByHost: [String: Set<String>] = [:]
    /// The namespaces whose entries have addresses.
    private var withAddresses: Set<String> = []

    package init(_ entries: [ServiceEntry]) {
        byNamespace = Dictionary(grouping: entries, by: \.meta.namespace)
        for namespace in byNamespace.keys { register(namespace) }
    }

    /// Puts these in the place of all entries of one namespace.
    package mutating func replace(_ entries: [ServiceEntry], in namespace: String) {
        for host in Set((byNamespace[namespace] ?? []).flatMap(\.hosts)) {
            namespacesByHost[host]?.remove(namespace)
        }
        withAddresses.remove(namespace)
        byNamespace[namespace] = entries
        register(namespace)
    }

    private mutating func register(_ namespace: String) {
        for entry in byNamespace[namespace] ?? [] {
            for host in entry.hosts { namespacesByHost[host, default: []].insert(namespace) }
            if !entry.addresses.isEmpty { withAddresses.insert(namespace) }
        }
    }

    /// The namespaces that may have an entry for the host.
    package func namespaces(naming host: String) -> Set<String> {
        let isAddress = IPRange(host) != nil
        return host.wildcards.reduce(into: isAddress ? withAddresses : []) {
            $0.formUnion(namespacesByHost[$1] ?? [])
        }
    }

    /// All entries for a port of the host, whoever sees them; sorted by age.
    package func entries(forHost host: String, port: Int) -> [ServiceEntry] {
        namespaces(naming: host).flatMap { byNamespace[$0] ?? [] }.filter { entry in
            entry.name(for: host) != nil && entry.ports.contains { $0.number == port }
        }.sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
    }

    /// The entry that a proxy of this namespace takes for a port of the host: the most exact, its own
    /// namespace's before others', the oldest. nil where it knows none.
    ///
    /// - Parameter scope: the `Sidecar` that holds for the proxy; gateways have none.
    package func entry(
        forHost host: String, port: Int, client namespace: String, scope: SidecarScope?
    ) -> ServiceEntry? {
        let known = entries(forHost: host, port: port).filter { entry in
            guard entry.isExported(to: namespace), let name = entry.name(for: host) else {
                return false
            }
            return scope?.knows(host: name, in: entry.meta.namespace, from: namespace) ?? true
        }
        func rank(_ entry: ServiceEntry) -> (Int, Int) {
            (
                -(entry.name(for: host)?.utf8.count ?? 0),
                entry.meta.namespace == namespace ? 0 : 1
            )
        }
        return known.enumerated().min { a, b in
            let (first, second) = (rank(a.element), rank(b.element))
            return first == second ? a.offset < b.offset : first < second
        }?.element
    }
}

extension ServiceEntry {
    /// The host as the entry writes it: exact, or with a leading `*`. By one of its addresses, its first host.
    package func name(for host: String) -> String? {
        let covering = hosts.filter { $0.covers(host) }.max { $0.utf8.count < $1.utf8.count }
        let isAddressed = addresses.contains { IPRange($0)?.contains(host) ?? false }
        return covering ?? (isAddressed ? hosts.first : nil)
    }

    package func isExported(to namespace: String) -> Bool {
        exportTo.isEmpty
            || exportTo.contains { entry in
                switch entry {
                case "*": true
                case ".": namespace == meta.namespace
                default: entry == namespace
                }
            }
    }
}

extension String {
    /// The host and the wildcards that cover it: `a.b`, `*.b`, `*`.
    fileprivate var wildcards: [String] {
        indices.filter { self[$0] == "." }.map { "*\(self[$0...])" } + [self, "*"]
    }
}
