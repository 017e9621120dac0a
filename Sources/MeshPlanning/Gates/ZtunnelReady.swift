/// A ready ztunnel on every node where pods of these namespaces run or may run, all of one version.
package struct ZtunnelReady: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}
