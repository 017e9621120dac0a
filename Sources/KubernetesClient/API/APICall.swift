/// Which call an error is about: all that a sentence for the user needs besides what went wrong.
package struct APICall: Sendable, Hashable {
    package enum Verb: String, Sendable, Hashable {
        case get, list, watch, create, apply, patch, delete

        /// Changes the cluster, unless it is a dry run.
        package var isWrite: Bool {
            switch self {
            case .get, .list, .watch: false
            case .create, .apply, .patch, .delete: true
            }
        }
    }

    package var verb: Verb
    /// The server's URL.
    package var server: String
    /// Nil for paths outside resources, such as `/version`.
    package var resource: KubernetesResource?
    package var namespace: String?
    package var name: String?
    /// The path asked for, with its query.
    package var path: String
    /// The server only says what it would do.
    package var isDryRun = false
    /// The server hands it on to a pod or a node, whose failure it tells as its own, or as it was.
    package var isPassedOn = false

    /// A call that may change the cluster.
    package var mayChange: Bool { verb.isWrite && !isDryRun }

    package init(
        _ verb: Verb, server: String, resource: KubernetesResource? = nil,
        namespace: String? = nil, name: String? = nil, path: String
    ) {
        self.verb = verb
        self.server = server
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.path = path
    }

    /// What the call is about: `peerauthentications.security.istio.io shop/default`, `pods in shop`,
    /// `namespaces`, `/version`.
    package var target: String {
        guard let resource else { return path }
        if let name { return ObjectPath(resource, namespace: namespace, name: name).text }
        return namespace.map { "\(resource.text) in \($0)" } ?? resource.text
    }
}
