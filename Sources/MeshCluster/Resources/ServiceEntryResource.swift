import MeshModel

/// A ServiceEntry, `networking.istio.io/v1` and its betas.
struct ServiceEntryResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Selector: Decodable { var labels: [String: String]? }
        struct Port: Decodable {
            var name: String?
            var number: Int?
            var `protocol`: String?
            var targetPort: Int?
        }
        struct Endpoint: Decodable {
            var address: String?
            var ports: [String: Int]?
        }

        var ports: [Port]?
        var endpoints: [Endpoint]?
        var workloadSelector: Selector?
    }

    let entry: ServiceEntry

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        entry = ServiceEntry(
            meta: metadata.meta(defaultNamespace: "default"),
            ports: (spec?.ports ?? []).compactMap { port in
                port.number.map {
                    ServiceEntry.Port(
                        name: port.name ?? "", number: $0, protocolName: port.protocol ?? "",
                        targetPort: port.targetPort == 0 ? nil : port.targetPort)
                }
            },
            endpoints: (spec?.endpoints ?? []).map {
                ServiceEntry.Endpoint(address: $0.address ?? "", ports: $0.ports ?? [:])
            }, workloadSelector: spec?.workloadSelector.map { LabelSelector($0.labels ?? [:]) })
    }
}
