/// Every live pod of these namespaces that should be in the data plane is, and is ready.
package struct Enrolled: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}
