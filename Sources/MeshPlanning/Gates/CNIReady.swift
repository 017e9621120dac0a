/// istio-cni's agent is ready on every node where pods of these namespaces run or may run.
package struct CNIReady: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}
