package import MeshModel

/// A Node, `v1`.
package struct NodeResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, status }

    private struct Status: Decodable {
        struct Info: Decodable { var kubeletVersion: String? }

        var nodeInfo: Info?
    }

    package let node: ClusterNode

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let status = try container.decodeIfPresent(Status.self, forKey: .status)
        node = ClusterNode(
            name: metadata.name ?? "", kubeletVersion: status?.nodeInfo?.kubeletVersion ?? "")
    }
}
