package import KubernetesClient
package import MeshPlanning
import JSON
import MeshModel

extension CurrentObject {
    /// The object of a change, fresh from the API.
    package static func read(
        for change: Change, from client: KubernetesClient
    ) async throws(KubernetesError) -> CurrentObject {
        guard let object = try await client.get(ObjectPath(change)) else { return .absent }
        return CurrentObject(object, for: change)
    }

    init(_ object: JSONValue, for change: Change) {
        let metadata = object["metadata"] ?? [:]
        let content: Content =
            switch change {
            case .labels:
                .namespace(labels: (metadata["labels"] ?? [:]).stringMap)
            case .restart:
                .workload(
                    restartedAt: object[
                        path: "spec", "template", "metadata", "annotations", LabelKeys.restartedAt]?
                        .string,
                    templateLabels: (object[path: "spec", "template", "metadata", "labels"] ?? [:])
                        .stringMap)
            case .policy, .traffic:
                .policy(
                    PolicyImage(
                        labels: (metadata["labels"] ?? [:]).stringMap,
                        annotations: (metadata["annotations"] ?? [:]).stringMap,
                        spec: object["spec"] ?? [:]))
            }
        self.init(
            content: content, uid: metadata["uid"]?.string ?? "",
            resourceVersion: metadata["resourceVersion"]?.string ?? "")
    }
}
