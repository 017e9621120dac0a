package import JSON

/// A `Sidecar` resource, `networking.istio.io/v1`: which hosts its proxies know, and which ports they declare.
package struct SidecarScope: Sendable, Hashable {
    package struct Ingress: Sendable, Hashable {
        package var number: Int
        package var name: String
        package var protocolName: String

        package init(number: Int, name: String = "", protocolName: String = "") {
            self.number = number
            self.name = name
            self.protocolName = protocolName
        }
    }

    package var meta: ObjectMeta
    package var workloadSelector: LabelSelector?
    package var ingress: [Ingress]
    /// `namespace/host` of all egress listeners; empty is everything.
    package var egressHosts: [String]
    /// Overrides the mesh's outbound policy; nil where it says nothing.
    package var registryOnly: Bool?
    /// The whole `spec` as read, for exact restoring.
    package var spec: JSONValue

    package init(
        meta: ObjectMeta, workloadSelector: LabelSelector? = nil, ingress: [Ingress] = [],
        egressHosts: [String] = [], registryOnly: Bool? = nil,
        spec: JSONValue = [:]
    ) {
        self.meta = meta
        self.workloadSelector = workloadSelector
        self.ingress = ingress
        self.egressHosts = egressHosts
        self.registryOnly = registryOnly
        self.spec = spec
    }
}
