import JSON
package import MeshModel

/// A TunnelIngressClassConfig, `networking.cloudflare-operator.io/v1alpha2`.
package struct TunnelClassResource: Decodable {
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

    package let tunnelClass: TunnelClass

    package init(from decoder: any Decoder) throws {
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
package struct MappingResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        var service: String?
        var port: Int?
        /// The name of a TLSContext or, before v3alpha1, a truth value.
        var tls: JSONValue?
    }

    package let mapping: Mapping

    package init(from decoder: any Decoder) throws {
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
package struct TLSContextResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        enum CodingKeys: String, CodingKey {
            case secret
            case alpnProtocols = "alpn_protocols"
        }

        var secret: String?
        var alpnProtocols: String?
    }

    package let context: TLSContext

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let protocols = (spec?.alpnProtocols ?? "").split { $0 == "," || $0.isWhitespace }
        context = TLSContext(
            meta: metadata.meta(defaultNamespace: "default"), secret: spec?.secret ?? "",
            alpnProtocols: protocols.map(String.init))
    }
}
