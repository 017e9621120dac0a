import HTTPTypes
package import JSON

extension KubernetesClient {
    /// What a deletion insists on; the server answers 409 when the object has another uid or has moved.
    package struct Preconditions: Sendable, Hashable {
        package var uid: String
        package var resourceVersion: String

        package init(uid: String, resourceVersion: String) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }
    }

    /// POST. Returns the object as stored, or as it would be in a dry run.
    ///
    /// Unknown fields are refused rather than dropped: a policy that lost a field means something else.
    package func create(
        _ resource: KubernetesResource, namespace: String? = nil, object: JSONValue,
        fieldManager: String, dryRun: Bool = false
    ) async throws(KubernetesError) -> JSONValue {
        var query = [(name: "fieldManager", value: fieldManager), ("fieldValidation", "Strict")]
        if dryRun { query.append(("dryRun", "All")) }
        var call = try call(.create, resource, namespace: namespace, query: query)
        call.name = object[path: "metadata", "name"]?.string
        call.isDryRun = dryRun
        if resource.isNamespaced, namespace == nil { throw .unusableName(call) }
        return try await write(call, .post, "application/json", object)
    }

    /// Server-side apply, without force: another manager's field is a 409 with the field named.
    ///
    /// The caller puts `metadata.uid` and `metadata.resourceVersion` into the object. With a stale
    /// resourceVersion alone, apply would create an object that is gone.
    package func apply(
        _ path: ObjectPath, object: JSONValue, fieldManager: String, dryRun: Bool = false
    ) async throws(KubernetesError) -> JSONValue {
        var query = [(name: "fieldManager", value: fieldManager), ("fieldValidation", "Strict")]
        if dryRun { query.append(("dryRun", "All")) }
        var call = try call(
            .apply, path.resource, namespace: path.namespace, name: path.name, query: query)
        call.isDryRun = dryRun
        // JSON is YAML.
        return try await write(call, .patch, "application/apply-patch+yaml", object)
    }

    /// JSON merge patch (RFC 7386): null removes. Uid and resourceVersion in the patch's metadata are
    /// preconditions.
    package func mergePatch(
        _ path: ObjectPath, patch: JSONValue, fieldManager: String, dryRun: Bool = false
    ) async throws(KubernetesError) -> JSONValue {
        var query = [(name: "fieldManager", value: fieldManager)]
        if dryRun { query.append(("dryRun", "All")) }
        var call = try call(
            .patch, path.resource, namespace: path.namespace, name: path.name, query: query)
        call.isDryRun = dryRun
        return try await write(call, .patch, "application/merge-patch+json", patch)
    }

    /// Deletes one object. One that is already gone is a `NotFound` status.
    package func delete(
        _ path: ObjectPath, preconditions: Preconditions?
    ) async throws(KubernetesError) {
        let call = try call(
            .delete, path.resource, namespace: path.namespace, name: path.name)
        var options: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let preconditions {
            options["preconditions"] = [
                "uid": .string(preconditions.uid),
                "resourceVersion": .string(preconditions.resourceVersion),
            ]
        }
        _ = try await perform(
            call, method: .delete, contentType: "application/json", body: options.canonicalBytes)
    }

    private func write(
        _ call: APICall, _ method: HTTPRequest.Method, _ contentType: String, _ body: JSONValue
    ) async throws(KubernetesError) -> JSONValue {
        let response = try await perform(
            call, method: method, contentType: contentType, body: body.canonicalBytes)
        return try Self.document(response, call)
    }
}
