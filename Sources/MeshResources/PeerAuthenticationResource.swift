import JSON
package import MeshModel

/// A PeerAuthentication, `security.istio.io/v1` or `v1beta1`.
package struct PeerAuthenticationResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Selector: Decodable { var matchLabels: JSONMap<String>? }
        struct MTLS: Decodable { var mode: String? }

        var selector: Selector?
        var mtls: MTLS?
        var portLevelMtls: JSONMap<MTLS>?
    }

    package let policy: PeerAuthentication

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let managers = try container.decode(ManagedFieldsResource.self, forKey: .metadata)
        let document = try container.decodeIfPresent(JSONValue.self, forKey: .spec) ?? [:]
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        var ports: [Int: MTLSMode] = [:]
        for (key, value) in spec?.portLevelMtls?.values ?? [:] {
            guard let port = Int(key) else { continue }
            ports[port] = Self.mode(value.mode)
        }
        policy = PeerAuthentication(
            meta: metadata.meta(defaultNamespace: "default", managers: managers.managedFields),
            selector: spec?.selector.map { LabelSelector($0.matchLabels?.values ?? [:]) },
            mode: Self.mode(spec?.mtls?.mode), portModes: ports, spec: document)
    }

    /// A mode that istiod does not know counts as unset, as for istiod.
    private static func mode(_ text: String?) -> MTLSMode {
        text.flatMap(MTLSMode.init) ?? .unset
    }
}
