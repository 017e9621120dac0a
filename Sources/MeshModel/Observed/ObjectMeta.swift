package import JSON

/// The part of `metadata` that planning and preconditions need.
package struct ObjectMeta: Sendable, Hashable {
    package var name: String
    /// Empty for cluster-scoped objects.
    package var namespace: String
    /// Empty when the object comes from a manifest.
    package var uid: String
    package var resourceVersion: String
    package var labels: [String: String]
    package var annotations: [String: String]
    /// RFC 3339; empty in manifests. Sorts as text.
    package var creationTimestamp: String
    package var isTerminating: Bool
    /// `metadata.managedFields`, for the questions of ownership; empty where it was not read.
    package var managedFields: [ManagedFields]

    package init(
        name: String, namespace: String = "", uid: String = "", resourceVersion: String = "",
        labels: [String: String] = [:], annotations: [String: String] = [:],
        creationTimestamp: String = "", isTerminating: Bool = false,
        managedFields: [ManagedFields] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.labels = labels
        self.annotations = annotations
        self.creationTimestamp = creationTimestamp
        self.isTerminating = isTerminating
        self.managedFields = managedFields
    }
}

extension ObjectMeta {
    /// By age, as Istio sorts (istio `pkg/config/model.go:configCompareByCreationTime`); what has no time
    /// comes last, since it is yet to be made.
    package static func isOlder(_ a: ObjectMeta, _ b: ObjectMeta) -> Bool {
        if a.creationTimestamp != b.creationTimestamp {
            if a.creationTimestamp.isEmpty || b.creationTimestamp.isEmpty {
                return b.creationTimestamp.isEmpty
            }
            return a.creationTimestamp < b.creationTimestamp
        }
        return (a.name, a.namespace) < (b.name, b.namespace)
    }
}

/// One entry of `metadata.managedFields`: who set which fields.
package struct ManagedFields: Sendable, Hashable {
    package enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

    package var manager: String
    package var operation: Operation
    /// The `fieldsV1` tree: `{"f:metadata": {"f:labels": {"f:istio-injection": {}}}}`.
    package var fields: JSONValue

    package init(manager: String, operation: Operation, fields: JSONValue) {
        self.manager = manager
        self.operation = operation
        self.fields = fields
    }

    /// Whether the entry owns the field under this path, or anything inside it.
    package func owns(_ path: [String]) -> Bool {
        var node: JSONValue? = fields
        for key in path { node = node?["f:" + key] }
        return node != nil
    }
}
