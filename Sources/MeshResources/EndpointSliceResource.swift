package import MeshModel

/// An EndpointSlice, `discovery.k8s.io/v1`.
package struct EndpointSliceResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, endpoints, ports }

    private struct Endpoint: Decodable {
        struct Conditions: Decodable { var ready: Bool? }
        struct Target: Decodable {
            var kind: String?
            var name: String?
        }

        var addresses: [String]?
        var conditions: Conditions?
        var targetRef: Target?
    }

    private struct Port: Decodable {
        var name: String?
        var port: Int?
    }

    package let slice: EndpointSlice

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let endpoints = try container.decodeIfPresent([Endpoint].self, forKey: .endpoints) ?? []
        let ports = try container.decodeIfPresent([Port].self, forKey: .ports) ?? []
        slice = EndpointSlice(
            meta: metadata.meta(defaultNamespace: "default"),
            endpoints: endpoints.map { endpoint in
                let target = endpoint.targetRef
                return EndpointSlice.Endpoint(
                    addresses: endpoint.addresses ?? [],
                    podName: target?.kind ?? "Pod" == "Pod" ? target?.name : nil,
                    // An unknown condition counts as ready, as the API has it.
                    isReady: endpoint.conditions?.ready ?? true)
            },
            ports: Dictionary(
                ports.compactMap { port in port.port.map { (port.name ?? "", $0) } },
                uniquingKeysWith: { first, _ in first }))
    }
}
