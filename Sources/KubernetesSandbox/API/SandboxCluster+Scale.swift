import HTTPTypes
import JSON

extension SandboxCluster {
    /// The `scale` subresource: `spec.replicas` seen and set through `autoscaling/v1` Scale.
    mutating func scale(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let old = try live(scope)
        var wanted: JSONValue
        switch scope.request.method {
        case .get: return SandboxResponse(scaleDocument(old))
        case .put: wanted = try BodyReader.json(scope.request.body, for: scope.resource)
        case .patch:
            let patch = try BodyReader.json(scope.request.body, for: scope.resource)
            wanted = scaleDocument(old).merging(patch: patch)
        default: throw .methodNotAllowed
        }
        guard let replicas = wanted["spec"]?["replicas"]?.integer,
            (0...Int64(Int32.max)).contains(replicas)
        else { throw .badRequest("spec.replicas must be a number from 0 to \(Int32.max)") }
        let stated = wanted.resourceVersion
        guard stated.isEmpty || stated == old.resourceVersion else {
            throw .conflict(scope.resource, scope.name, APIStatus.modified)
        }
        if try scope.dryRun() == nil {
            modify(
                scope.resource, scope.namespace, scope.name, by: scope.writer.name,
                subresource: "scale"
            ) { $0.set(["spec", "replicas"], .integer(replicas)) }
            wanted = try live(scope)
        } else {
            wanted = old
            wanted.set(["spec", "replicas"], .integer(replicas))
        }
        return SandboxResponse(scaleDocument(wanted))
    }

    private func scaleDocument(_ object: JSONValue) -> JSONValue {
        var metadata: JSONValue = [:]
        for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[key] = object.metadata[key]
        }
        let labels = object["spec"]?["selector"]?["matchLabels"]?.stringMap ?? [:]
        let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": ["replicas": object["spec"]?["replicas"] ?? 0],
            "status": [
                "replicas": object["status"]?["replicas"] ?? 0,
                "selector": .string(selector.joined(separator: ",")),
            ],
        ]
    }
}
