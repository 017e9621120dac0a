import JSON
package import MeshModel

/// A ServiceEntry, `networking.istio.io/v1` and its betas.
package struct ServiceEntryResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    package let entry: ServiceEntry

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let managers = try container.decode(ManagedFieldsResource.self, forKey: .metadata)
        entry = try ServiceEntry(
            meta: metadata.meta(defaultNamespace: "default", managers: managers.managedFields),
            spec: try container.decodeIfPresent(JSONValue.self, forKey: .spec) ?? [:])
    }
}
