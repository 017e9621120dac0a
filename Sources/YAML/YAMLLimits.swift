/// What a text may cost to read; past any of these, reading stops with `yaml-too-complex`.
package struct YAMLLimits: Sendable, Equatable {
    /// Collections inside collections.
    package var depth: Int
    /// Nodes of all documents together, aliases counted as what they expand to.
    package var nodes: Int
    /// The part of `nodes` that aliases may bring: a few lines of aliases of aliases can stand for billions.
    package var aliasedNodes: Int
    /// Length of the text in bytes.
    package var bytes: Int

    package init(depth: Int, nodes: Int, aliasedNodes: Int, bytes: Int) {
        self.depth = depth
        self.nodes = nodes
        self.aliasedNodes = aliasedNodes
        self.bytes = bytes
    }

    /// For what people write: plan files, kubeconfigs, scenarios.
    package static let document = YAMLLimits(
        depth: 100, nodes: 500_000, aliasedNodes: 50_000, bytes: 8 << 20)

    /// For what `kubectl get -o yaml` writes of a whole cluster.
    package static let manifests = YAMLLimits(
        depth: 100, nodes: 50_000_000, aliasedNodes: 1_000_000, bytes: 1 << 30)
}
