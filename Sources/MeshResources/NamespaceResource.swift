package import MeshModel

/// A Namespace, `v1`.
package struct NamespaceResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, status }
    private struct Status: Decodable { var phase: String? }

    package let namespace: Namespace

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let managers = try container.decode(ManagedFieldsResource.self, forKey: .metadata)
        let status = try container.decodeIfPresent(Status.self, forKey: .status)
        var meta = metadata.meta(defaultNamespace: "", managers: managers.managedFields)
        meta.namespace = ""
        meta.isTerminating = meta.isTerminating || status?.phase == "Terminating"
        namespace = Namespace(meta: meta)
    }
}
