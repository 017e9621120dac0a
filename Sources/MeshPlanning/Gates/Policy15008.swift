/// No NetworkPolicy keeps HBONE, TCP 15008, from the pods of these namespaces.
package struct Policy15008: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}
