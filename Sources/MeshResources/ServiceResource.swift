import JSON
package import MeshModel

/// A Service, `v1`.
package struct ServiceResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Port: Decodable {
            var name: String?
            var port: Int?
            var `protocol`: String?
            var appProtocol: String?
            var targetPort: IntOrName?
            var nodePort: Int?
        }

        var type: String?
        var clusterIP: String?
        var selector: JSONMap<String>?
        var ports: [Port]?
        var publishNotReadyAddresses: Bool?
    }

    package let service: Service

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        service = Service(
            meta: metadata.meta(defaultNamespace: "default"), type: spec?.type ?? "ClusterIP",
            clusterIP: spec?.clusterIP ?? "", selector: spec?.selector?.values ?? [:],
            ports: (spec?.ports ?? []).compactMap { port in
                guard let number = port.port else { return nil }
                return ServicePort(
                    name: port.name ?? "", number: number, transport: port.protocol ?? "TCP",
                    appProtocol: port.appProtocol, target: port.targetPort?.target,
                    nodePort: port.nodePort)
            }, publishesNotReady: spec?.publishNotReadyAddresses ?? false)
    }
}

/// A port by number or by name.
private enum IntOrName: Decodable {
    case number(Int)
    case name(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .name(try container.decode(String.self))
        }
    }

    /// nil for 0 and the empty name, which mean the Service's own number.
    var target: ServicePort.Target? {
        switch self {
        case .number(0), .name(""): nil
        case .number(let number): .number(number)
        case .name(let name): .name(name)
        }
    }
}
