import JSON
package import MeshModel

/// A VirtualService, `networking.istio.io/v1` and its betas.
package struct VirtualServiceResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Destination: Decodable {
        struct Port: Decodable { var number: Int? }
        var host: String?
        var port: Port?
    }
    private struct Weighted: Decodable { var destination: Destination? }
    private struct Route: Decodable {
        var route: [Weighted]?
        var mirror: Destination?
        var mirrors: [Weighted]?

        var destinations: [Destination] {
            ((route ?? []) + (mirrors ?? [])).compactMap(\.destination)
                + [mirror].compactMap(\.self)
        }
    }
    private struct Spec: Decodable {
        var gateways: [String]?
        var http: [Route]?
        var tls: [Route]?
        var tcp: [Route]?
    }

    package let virtualService: VirtualService

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let routes = (spec?.http ?? []) + (spec?.tls ?? []) + (spec?.tcp ?? [])
        virtualService = VirtualService(
            meta: metadata.meta(defaultNamespace: "default"),
            // Without any it holds in the proxies of pods (istio `VirtualService.gateways`).
            gateways: spec?.gateways ?? ["mesh"],
            destinations: routes.flatMap(\.destinations).compactMap { destination in
                destination.host.map {
                    VirtualService.Destination(host: $0, port: destination.port?.number)
                }
            })
    }
}

/// A `Gateway` of `networking.istio.io`.
package struct IstioGatewayResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }
    private struct TLS: Decodable { var mode: String? }
    private struct Server: Decodable {
        var hosts: [String]?
        var tls: TLS?
    }
    private struct Spec: Decodable {
        var selector: JSONMap<String>?
        var servers: [Server]?
    }

    package let gateway: IstioGateway

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let passing = (spec?.servers ?? []).filter { $0.tls?.mode == "AUTO_PASSTHROUGH" }
        let hosts: [String] = passing.flatMap { $0.hosts ?? [] }
        gateway = IstioGateway(
            meta: metadata.meta(defaultNamespace: "default"),
            selector: spec?.selector?.values ?? [:],
            // `namespace/host`, or the host alone.
            passthroughHosts: hosts.compactMap { $0.split(separator: "/").last.map(String.init) })
    }
}
