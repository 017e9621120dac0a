/// Which `Sidecar` resource holds for a pod, and what it says
/// (istio `pilot/pkg/model/push_context.go:getSidecarScope`, `sidecar.go`).
package struct SidecarScopeIndex: Sendable {
    private let rootNamespace: String
    private var byNamespace: [String: [SidecarScope]]

    package init(_ scopes: [SidecarScope], rootNamespace: String) {
        self.rootNamespace = rootNamespace
        byNamespace = Dictionary(grouping: scopes, by: \.meta.namespace)
            .mapValues { $0.sorted { ObjectMeta.isOlder($0.meta, $1.meta) } }
    }

    /// Puts these in the place of all resources of one namespace.
    package mutating func replace(_ scopes: [SidecarScope], in namespace: String) {
        byNamespace[namespace] = scopes.sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
    }

    /// One that selects the pod, else the namespace's, else the root namespace's.
    package func scope(of pod: Pod) -> SidecarScope? {
        let here = byNamespace[pod.meta.namespace] ?? []
        return here.first { $0.workloadSelector?.matches(pod.meta.labels) == true }
            ?? here.first { $0.workloadSelector == nil }
            ?? byNamespace[rootNamespace]?.first { $0.workloadSelector == nil }
    }
}

extension SidecarScope {
    /// Whether its proxies know a host of this namespace. Entries are `namespace/host`, where the namespace
    /// may be `*`, `.` for the resource's own (for a pod's, the pod's), or `~` for none.
    package func knows(host: String, in namespace: String, from client: String) -> Bool {
        guard !egressHosts.isEmpty else { return true }
        return egressHosts.contains { entry in
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return false }
            let isThere =
                switch parts[0] {
                case "*": true
                case ".": namespace == client
                case "~": false
                default: parts[0] == namespace
                }
            return isThere && String(parts[1]).covers(host)
        }
    }
}
