package import JSON

/// A ServiceEntry, `networking.istio.io/v1`: the part that names hosts, and declares ports of pods.
package struct ServiceEntry: Sendable, Hashable {
    package struct Port: Sendable, Hashable {
        package var name: String
        package var number: Int
        /// `HTTP`, `TCP`, `TLS` …; empty where the name says it.
        package var protocolName: String
        package var targetPort: Int?

        package init(
            name: String, number: Int, protocolName: String = "", targetPort: Int? = nil
        ) {
            self.name = name
            self.number = number
            self.protocolName = protocolName
            self.targetPort = targetPort
        }
    }

    package struct Endpoint: Sendable, Hashable {
        package var address: String
        package var ports: [String: Int]

        package init(address: String, ports: [String: Int] = [:]) {
            self.address = address
            self.ports = ports
        }
    }

    package var meta: ObjectMeta
    package var hosts: [String]
    package var ports: [Port]
    /// `NONE`, `STATIC`, `DNS`, `DNS_ROUND_ROBIN`.
    package var resolution: String
    package var endpoints: [Endpoint]
    package var workloadSelector: LabelSelector?
    /// Addresses and ranges that proxies take for the hosts.
    package var addresses: [String] = []
    /// Namespaces, `.` and `*`; empty is everywhere (meshctl does not read `defaultServiceExportTo`).
    package var exportTo: [String] = []
    /// `location: MESH_INTERNAL`: the hosts are workloads of the mesh, such as virtual machines.
    package var isMeshInternal = false
    /// The whole `spec` as read, for exact restoring.
    package var spec: JSONValue

    package init(
        meta: ObjectMeta, hosts: [String] = [], ports: [Port] = [], resolution: String = "NONE",
        endpoints: [Endpoint] = [], workloadSelector: LabelSelector? = nil,
        spec: JSONValue = [:]
    ) {
        self.meta = meta
        self.hosts = hosts
        self.ports = ports
        self.resolution = resolution
        self.endpoints = endpoints
        self.workloadSelector = workloadSelector
        self.spec = spec
    }

    /// The container port that a port of the entry means on this pod; nil where the pod is no endpoint.
    package func port(_ port: Port, on pod: Pod) -> Int? {
        if let workloadSelector {
            guard meta.namespace == pod.meta.namespace, workloadSelector.matches(pod.meta.labels)
            else { return nil }
            return port.targetPort ?? port.number
        }
        guard !pod.ip.isEmpty, let endpoint = endpoints.first(where: { $0.address == pod.ip })
        else { return nil }
        return endpoint.ports[port.name] ?? port.targetPort ?? port.number
    }
}
