import JSON
import MeshModel

/// A TunnelIngressClassConfig, `networking.cloudflare-operator.io/v1alpha2`.
struct TunnelClassResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Reference: Decodable {
            var kind: String?
            var name: String?
            var namespace: String?
        }

        var tunnelRef: Reference?
        var defaultProtocol: String?
    }

    let tunnelClass: TunnelClass

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        tunnelClass = TunnelClass(
            meta: metadata.meta(defaultNamespace: "default"),
            tunnelKind: spec?.tunnelRef?.kind ?? "", tunnelName: spec?.tunnelRef?.name ?? "",
            tunnelNamespace: spec?.tunnelRef?.namespace,
            defaultProtocol: spec?.defaultProtocol ?? "")
    }
}

/// A Mapping or TCPMapping, `getambassador.io/v3alpha1` and before.
struct MappingResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        var service: String?
        var port: Int?
        /// The name of a TLSContext or, before v3alpha1, a truth value.
        var tls: JSONValue?
    }

    let mapping: Mapping

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let context = spec?.tls?.string.flatMap { ["", "true", "false"].contains($0) ? nil : $0 }
        mapping = Mapping(
            meta: metadata.meta(defaultNamespace: "default"), service: spec?.service ?? "",
            tlsContext: context,
            originatesTLS: spec?.tls?.bool ?? (spec?.tls?.string == "true"),
            listensOn: spec?.port)
    }
}

/// A TLSContext, `getambassador.io/v3alpha1` and before.
struct TLSContextResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        enum CodingKeys: String, CodingKey {
            case secret
            case alpnProtocols = "alpn_protocols"
        }

        var secret: String?
        var alpnProtocols: String?
    }

    let context: TLSContext

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let protocols = (spec?.alpnProtocols ?? "").split { $0 == "," || $0.isWhitespace }
        context = TLSContext(
            meta: metadata.meta(defaultNamespace: "default"), secret: spec?.secret ?? "",
            alpnProtocols: protocols.map(String.init))
    }
}
