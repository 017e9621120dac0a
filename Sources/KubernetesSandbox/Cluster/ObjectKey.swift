/// Where an object is kept: its resource type, namespace (empty when cluster-scoped) and name.
package struct ObjectKey: Sendable, Hashable, Comparable {
    /// `peerauthentications.security.istio.io`, `pods`.
    package var resource: String
    package var namespace: String
    package var name: String

    package init(resource: String, namespace: String, name: String) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        (a.resource, a.namespace, a.name) < (b.resource, b.namespace, b.name)
    }
}
