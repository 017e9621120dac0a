/// A Service's host name in a container's environment, command or arguments: the name and where it stands,
/// never the value around it, which may hold a secret.
package struct HostReference: Sendable, Hashable {
    package enum Form: String, Sendable, Hashable {
        /// `cart:8080`: a Service of the pod's own namespace.
        case short
        /// `cart.shop`
        case namespaced
        /// `cart.shop.svc` with or without the cluster's domain: nothing but a Service is called so.
        case full
    }

    package var form: Form
    package var service: String
    /// nil for the pod's own.
    package var namespace: String?
    /// As written, or as the scheme of the URL has it; nil where neither says one.
    package var port: Int?
    /// `env API_URL of container web`
    package var place: String

    package init(
        form: Form, service: String, namespace: String? = nil, port: Int? = nil, place: String
    ) {
        self.form = form
        self.service = service
        self.namespace = namespace
        self.port = port
        self.place = place
    }

    /// `cart.shop:8080`: what was recognised.
    package var text: String {
        let suffix = form == .full ? ".svc" : ""
        return service + (namespace.map { ".\($0)" } ?? "") + suffix
            + (port.map { ":\($0)" } ?? "")
    }
}

extension MeshState {
    /// Leaves of all references those to Services that are there. The rest was only shaped like one, and may
    /// be a piece of something that is nobody's business.
    package mutating func keepRecognisedReferences() {
        let known = Set(flows.services.map { "\($0.meta.namespace)/\($0.meta.name)" })
        func recognised(_ references: [HostReference], in namespace: String) -> [HostReference] {
            references.filter { known.contains("\($0.namespace ?? namespace)/\($0.service)") }
        }
        for index in pods.indices where !pods[index].references.isEmpty {
            pods[index].references = recognised(
                pods[index].references, in: pods[index].meta.namespace)
        }
        for index in workloads.indices where !workloads[index].template.references.isEmpty {
            workloads[index].template.references = recognised(
                workloads[index].template.references, in: workloads[index].meta.namespace)
        }
    }
}
