/// One object in the API.
package struct ObjectPath: Sendable, Hashable {
    package var resource: KubernetesResource
    /// Nil for a cluster-scoped object.
    package var namespace: String?
    package var name: String

    package init(_ resource: KubernetesResource, namespace: String? = nil, name: String) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    /// For messages: `peerauthentications.security.istio.io shop/default`, `namespaces shop`.
    package var text: String {
        let place = namespace.map { "\($0)/\(name)" } ?? name
        return "\(resource.text) \(place)"
    }
}
