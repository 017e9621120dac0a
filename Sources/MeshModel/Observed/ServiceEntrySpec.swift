package import JSON

/// `spec` of a ServiceEntry as it is written (istio/api `networking/v1/service_entry.proto`).
private struct ServiceEntrySpec: Decodable {
    struct Selector: Decodable { var labels: JSONMap<String>? }
    struct Port: Decodable {
        var name: String?
        var number: Int?
        var `protocol`: String?
        var targetPort: Int?
    }
    struct Endpoint: Decodable {
        var address: String?
        var ports: JSONMap<Int>?
    }

    var hosts: [String]?
    var ports: [Port]?
    var resolution: String?
    var endpoints: [Endpoint]?
    var workloadSelector: Selector?
    var addresses: [String]?
    var exportTo: [String]?
    var location: String?
}

extension ServiceEntry {
    /// The entry that a spec means. Throws `DecodingError` where a field has another type than Istio's.
    package init(meta: ObjectMeta, spec: JSONValue) throws {
        let read = try spec.decoded(as: ServiceEntrySpec.self)
        self.init(
            meta: meta, hosts: read.hosts ?? [],
            ports: (read.ports ?? []).compactMap { port in
                port.number.map {
                    Port(
                        name: port.name ?? "", number: $0, protocolName: port.protocol ?? "",
                        targetPort: port.targetPort == 0 ? nil : port.targetPort)
                }
            },
            resolution: read.resolution ?? "NONE",
            endpoints: (read.endpoints ?? []).map {
                Endpoint(address: $0.address ?? "", ports: $0.ports?.values ?? [:])
            },
            workloadSelector: read.workloadSelector
                .map { LabelSelector($0.labels?.values ?? [:]) },
            spec: spec)
        addresses = read.addresses ?? []
        exportTo = read.exportTo ?? []
        isMeshInternal = read.location == "MESH_INTERNAL"
    }
}
