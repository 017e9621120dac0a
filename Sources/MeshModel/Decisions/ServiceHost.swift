/// A Service's full name, taken apart: `NAME.NAMESPACE.svc.DOMAIN`.
package struct ServiceHost: Sendable, Hashable {
    package var name: String
    package var namespace: String

    /// nil for any other host: Istio completes only names without a dot.
    package init?(_ host: String) {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[2] == "svc", !parts.contains("") else { return nil }
        name = String(parts[0])
        namespace = String(parts[1])
    }
}
