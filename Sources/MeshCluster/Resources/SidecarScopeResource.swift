import JSON
import MeshModel

/// A `Sidecar`, `networking.istio.io/v1` and its betas.
struct SidecarScopeResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    let scope: SidecarScope

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let managers = try container.decode(ManagedFieldsResource.self, forKey: .metadata)
        scope = try SidecarScope(
            meta: metadata.meta(defaultNamespace: "default", managers: managers.managedFields),
            spec: try container.decodeIfPresent(JSONValue.self, forKey: .spec) ?? [:])
    }
}
