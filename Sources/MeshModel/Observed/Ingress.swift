/// A port of a Service, as objects that lead traffic there name it.
package struct ServiceBackend: Sendable, Hashable {
    package enum Port: Sendable, Hashable {
        case number(Int)
        case name(String)
        /// Left out: the Service's only one.
        case only
    }

    package var namespace: String
    package var name: String
    package var port: Port

    package init(namespace: String, name: String, port: Port) {
        self.namespace = namespace
        self.name = name
        self.port = port
    }
}

/// An Ingress, `networking.k8s.io/v1`: where it leads, and whose it is.
package struct Ingress: Sendable, Hashable {
    package var meta: ObjectMeta
    /// `spec.ingressClassName`, else the old annotation; nil for the cluster's default class.
    package var className: String?
    package var backends: [ServiceBackend]

    package init(meta: ObjectMeta, className: String? = nil, backends: [ServiceBackend] = []) {
        self.meta = meta
        self.className = className
        self.backends = backends
    }
}

/// An IngressClass, `networking.k8s.io/v1`.
package struct IngressClass: Sendable, Hashable {
    /// The object with the controller's own settings for the class.
    package struct Parameters: Sendable, Hashable {
        package var name: String
        /// nil for one that is the cluster's.
        package var namespace: String?

        package init(name: String, namespace: String? = nil) {
            self.name = name
            self.namespace = namespace
        }
    }

    package var meta: ObjectMeta
    /// `k8s.io/ingress-nginx`
    package var controller: String
    package var parameters: Parameters?

    package init(meta: ObjectMeta, controller: String, parameters: Parameters? = nil) {
        self.meta = meta
        self.controller = controller
        self.parameters = parameters
    }

    package var isDefault: Bool {
        meta.annotations["ingressclass.kubernetes.io/is-default-class"] == "true"
    }
}
