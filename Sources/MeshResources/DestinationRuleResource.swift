import JSON
package import MeshModel

/// A DestinationRule, `networking.istio.io/v1` and its betas.
package struct DestinationRuleResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    package let rule: DestinationRule

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let managers = try container.decode(ManagedFieldsResource.self, forKey: .metadata)
        rule = try DestinationRule(
            meta: metadata.meta(defaultNamespace: "default", managers: managers.managedFields),
            spec: try container.decodeIfPresent(JSONValue.self, forKey: .spec) ?? [:])
    }
}
