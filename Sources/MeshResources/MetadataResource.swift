import JSON
import MeshModel

/// `metadata` as the API and manifests write it.
struct MetadataResource: Decodable {
    struct Owner: Decodable {
        var kind: String?
        var name: String?
        var controller: Bool?
    }

    struct Manager: Decodable {
        var manager: String?
        var operation: String?
        var fieldsV1: JSONValue?
        var subresource: String?
    }

    var name: String?
    var namespace: String?
    var uid: String?
    var resourceVersion: String?
    var generation: Int?
    var labels: JSONMap<String>?
    var annotations: JSONMap<String>?
    var creationTimestamp: String?
    var deletionTimestamp: String?
    var ownerReferences: [Owner]?

    func meta(defaultNamespace: String, managers: [Manager]? = nil) -> ObjectMeta {
        ObjectMeta(
            name: name ?? "", namespace: namespace ?? defaultNamespace, uid: uid ?? "",
            resourceVersion: resourceVersion ?? "", labels: labels?.values ?? [:],
            annotations: annotations?.values ?? [:], creationTimestamp: creationTimestamp ?? "",
            isTerminating: deletionTimestamp != nil,
            managedFields: (managers ?? []).compactMap { entry in
                guard entry.subresource ?? "" == "",
                    let operation = ManagedFields.Operation(rawValue: entry.operation ?? "")
                else { return nil }
                return ManagedFields(
                    manager: entry.manager ?? "", operation: operation,
                    fields: entry.fieldsV1 ?? [:])
            })
    }

    /// The controller among the owners.
    package var owner: OwnerReference? {
        let owners = ownerReferences ?? []
        guard let found = owners.first(where: { $0.controller ?? false }) ?? owners.first else {
            return nil
        }
        return OwnerReference(kind: found.kind ?? "", name: found.name ?? "")
    }
}

/// `metadata.managedFields` alone: read only where ownership is asked, since it is most of an object's bytes.
package struct ManagedFieldsResource: Decodable {
    var managedFields: [MetadataResource.Manager]?
}
