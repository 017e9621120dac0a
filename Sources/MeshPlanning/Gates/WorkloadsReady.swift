/// The rollouts of these namespaces' workloads are complete, and all their pods ready.
package struct WorkloadsReady: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}
