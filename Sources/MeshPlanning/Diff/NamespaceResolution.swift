package import Diagnostics
package import MeshModel

/// A namespace of the cluster with the plan entry that speaks about it.
package struct ResolvedNamespace: Sendable, Equatable {
    package var namespace: Namespace
    package var entry: NamespaceEntry

    package init(namespace: Namespace, entry: NamespaceEntry) {
        self.namespace = namespace
        self.entry = entry
    }

    package var name: String { namespace.name }
}

/// Which namespaces the entries of a plan are about, on this cluster.
///
/// A `name` entry wins whole over selectors; two selectors that meet on one namespace are an error;
/// selectors never match the root namespace or `kube-*`.
package struct NamespaceResolution: Sendable {
    package var namespaces: [ResolvedNamespace] = []
    package var diagnostics: [Diagnostic] = []

    private let limit: WaveLimit

    /// - Parameter limit: entries outside it are resolved as well, and nothing is said of them.
    package init(
        _ plan: MeshPlan, in observed: MeshState, within limit: WaveLimit = .everything
    ) {
        self.limit = limit
        var byName: [String: NamespaceEntry] = [:]
        for entry in plan.namespaces {
            if case .name(let name) = entry.subject { byName[name] = entry }
        }
        let known = Set(observed.namespaces.map(\.name))
        for (name, entry) in byName.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            tell(Self.unknown(name, entry, known: known), of: [entry])
        }
        let selecting = plan.namespaces.filter {
            if case .selector = $0.subject { true } else { false }
        }
        for namespace in observed.namespaces {
            let entry =
                byName[namespace.name]
                ?? selected(namespace, by: selecting, rootNamespace: observed.rootNamespace)
            guard let entry, isUsable(namespace, entry, rootNamespace: observed.rootNamespace)
            else {
                continue
            }
            namespaces.append(ResolvedNamespace(namespace: namespace, entry: entry))
        }
    }

    private mutating func selected(
        _ namespace: Namespace, by entries: [NamespaceEntry], rootNamespace: String
    ) -> NamespaceEntry? {
        guard namespace.name != rootNamespace, !namespace.name.hasPrefix("kube-") else {
            return nil
        }
        let matching = entries.filter { entry in
            guard case .selector(let selector) = entry.subject else { return false }
            return selector.matches(namespace.meta.labels)
        }
        if matching.count > 1, !namespace.meta.isTerminating {
            tell(
                Diagnostic(
                    .overlappingSelectors,
                    "two selectors of the plan match namespace \(namespace.name)",
                    detail:
                        "Write an entry with `name: \(namespace.name)`; it wins over selectors.",
                    at: matching[1].range), of: matching)
        }
        return matching.first
    }

    private mutating func isUsable(
        _ namespace: Namespace, _ entry: NamespaceEntry, rootNamespace: String
    ) -> Bool {
        if namespace.name == rootNamespace, entry.mtls != nil || !entry.exceptions.isEmpty {
            tell(
                Diagnostic(
                    .rootNamespacePolicy,
                    "\(namespace.name) is the mesh's root namespace: a policy here is mesh-wide; "
                        + "write `spec.mesh.mtls`",
                    at: entry.range), of: [entry])
            return false
        }
        if namespace.name == rootNamespace, entry.egress != nil {
            tell(
                Diagnostic(
                    .rootNamespacePolicy,
                    "\(namespace.name) is the mesh's root namespace: `egress` here would hold for "
                        + "every namespace without one of its own",
                    detail: "Write `egress` at each namespace.",
                    at: entry.keyRanges["egress"] ?? entry.range), of: [entry])
            return false
        }
        guard namespace.meta.isTerminating else { return true }
        if case .name = entry.subject {
            tell(
                Diagnostic(
                    .terminatingNamespace, "namespace \(namespace.name) is being deleted",
                    detail: "Take it out of the plan, or wait until it is gone and made again.",
                    at: entry.range), of: [entry])
        } else {
            tell(
                Diagnostic(
                    .terminatingNamespace, .note,
                    "namespace \(namespace.name) is being deleted and was skipped",
                    at: entry.range), of: [entry])
        }
        return false
    }

    private mutating func tell(_ diagnostic: Diagnostic, of entries: [NamespaceEntry]) {
        if entries.contains(where: { limit.includes($0.wave) }) { diagnostics.append(diagnostic) }
    }

    private static func unknown(
        _ name: String, _ entry: NamespaceEntry, known: Set<String>
    ) -> Diagnostic {
        var detail = "meshctl does not create namespaces."
        if let near = Suggestion.nearest(to: name, among: known.sorted()) {
            detail += " Did you mean \(near)?"
        }
        return Diagnostic(
            .unknownNamespace, "namespace \(name) does not exist in the cluster", detail: detail,
            at: entry.range)
    }
}
