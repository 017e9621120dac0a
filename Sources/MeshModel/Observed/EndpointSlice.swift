/// An EndpointSlice, `discovery.k8s.io/v1`.
package struct EndpointSlice: Sendable, Hashable {
    package struct Endpoint: Sendable, Hashable {
        package var addresses: [String]
        /// The pod that `targetRef` names; nil for other endpoints.
        package var podName: String?
        package var isReady: Bool

        package init(addresses: [String] = [], podName: String? = nil, isReady: Bool = true) {
            self.addresses = addresses
            self.podName = podName
            self.isReady = isReady
        }
    }

    package var meta: ObjectMeta
    package var endpoints: [Endpoint]
    /// Port numbers by the name of the Service's port.
    package var ports: [String: Int]

    package init(meta: ObjectMeta, endpoints: [Endpoint] = [], ports: [String: Int] = [:]) {
        self.meta = meta
        self.endpoints = endpoints
        self.ports = ports
    }

    /// The Service that it belongs to.
    package var serviceName: String? { meta.labels["kubernetes.io/service-name"] }
}
