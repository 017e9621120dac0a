import HTTPTypes
import JSON
import Timing

extension SandboxCluster {
    mutating func create(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let body = try BodyReader.document(scope.request, for: scope.resource)
        return try create(body, scope, applying: false)
    }

    /// Creates from a body, or (`applying`) from a configuration that was applied to nothing.
    mutating func create(
        _ body: JSONValue, _ scope: RequestScope, applying: Bool
    ) throws(APIStatus) -> SandboxResponse {
        let resource = scope.resource
        var (object, warnings) = try admissible(body, scope)
        if !applying, !object.resourceVersion.isEmpty {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        if object.name.isEmpty, let prefix = object.metadata["generateName"]?.string {
            object.set(["metadata", "name"], .string(prefix + names.suffix()))
        }
        try checkNamespace(scope, object.name)
        if resource.hasStatus { object["status"] = nil }
        for key in [
            "uid", "creationTimestamp", "deletionTimestamp", "managedFields", "resourceVersion",
        ] {
            object.set(["metadata", key], nil)
        }
        object = Defaults.applied(to: object, resource)
        object.set(
            ["metadata", "managedFields"],
            creationManagers(object, resource, by: scope.writer, applying: applying))
        let causes = ObjectValidation.causes(object, resource)
        guard causes.isEmpty else { throw .invalid(resource, object.name, causes) }
        guard self.object(resource.qualifiedName, scope.namespace, object.name) == nil else {
            throw .alreadyExists(resource, object.name)
        }
        if resource.kind == "Pod" { object = try admit(pod: object) }
        try askIstiod(resource)
        try IstiodValidation.check(object, resource)
        object = born(object, resource)
        // A dry run is given everything but a resourceVersion.
        if !scope.isDryRun { object = put(object, resource) }
        return SandboxResponse(scope.presented(object), status: 201, warnings: warnings)
    }

    /// Gives a new object what the server gives: UID, time, generation, first status, addresses.
    mutating func born(_ object: JSONValue, _ resource: SandboxResource) -> JSONValue {
        var object = object
        object["apiVersion"] = .string(resource.apiVersion())
        object["kind"] = .string(resource.kind)
        object.set(["metadata", "uid"], .string(names.uid()))
        object.set(["metadata", "creationTimestamp"], .string(now.rfc3339))
        if resource.features.contains(.generation) { object.set(["metadata", "generation"], 1) }
        switch resource.qualifiedName {
        case "namespaces":
            object["spec"] = ["finalizers": ["kubernetes"]]
            object["status"] = ["phase": "Active"]
        case "pods": object["status"] = ["phase": "Pending", "qosClass": "BestEffort"]
        case "services": allocateAddresses(&object)
        default:
            if resource.hasStatus, !resource.isCustom, object["status"] == nil {
                object["status"] = [:]
            }
        }
        return object
    }

    private mutating func allocateAddresses(_ service: inout JSONValue) {
        service["status"] = ["loadBalancer": [:]]
        let type = service["spec"]?["type"]?.string ?? "ClusterIP"
        guard type != "ExternalName" else { return }
        if service["spec"]?["clusterIP"] == nil {
            let address = JSONValue.string(addresses.serviceAddress())
            service.set(["spec", "clusterIP"], address)
            service.set(["spec", "clusterIPs"], [address])
        }
        guard type != "ClusterIP", let ports = service["spec"]?["ports"]?.array else { return }
        var numbered: [JSONValue] = []
        for var port in ports {
            if port.object != nil, port["nodePort"] == nil {
                port["nodePort"] = JSONValue(addresses.nodePort())
            }
            numbered.append(port)
        }
        service.set(["spec", "ports"], .array(numbered))
    }

    /// The body as an object of the request's kind, without unknown fields.
    func admissible(
        _ body: JSONValue, _ scope: RequestScope
    ) throws(APIStatus) -> (object: JSONValue, warnings: [String]) {
        let resource = scope.resource
        let kind = body["kind"]?.string ?? ""
        let apiVersion = body["apiVersion"]?.string ?? ""
        guard kind == resource.kind || kind.isEmpty else {
            let version = apiVersion.split(separator: "/").last.map(String.init) ?? apiVersion
            throw .badRequest(
                "\(kind) in version \"\(version)\" cannot be handled as a \(resource.kind): "
                    + "converting (\(version).\(kind)) to (\(resource.kind)): unknown conversion")
        }
        guard apiVersion == scope.apiVersion || apiVersion.isEmpty else {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API "
                    + "version (\(scope.apiVersion))")
        }
        guard body["metadata"] == nil || body["metadata"]?.object != nil else {
            throw .badRequest("metadata is not an object")
        }
        var (object, unknown) = UnknownFields.pruned(body.withoutNulls, resource)
        let validation = scope.request.parameter("fieldValidation") ?? "Warn"
        if validation == "Strict", !unknown.isEmpty {
            let fields = unknown.map { "unknown field \"\($0)\"" }.joined(separator: ", ")
            throw .badRequest(
                "\(resource.kind) in version \"\(scope.version)\" cannot be handled as a "
                    + "\(resource.kind): strict decoding error: \(fields)")
        }
        let stated = object.namespaceName
        guard stated.isEmpty || stated == scope.namespace else {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        if resource.isNamespaced {
            object.set(["metadata", "namespace"], .string(scope.namespace))
        }
        let named = object.name
        guard scope.name.isEmpty || named.isEmpty || named == scope.name else {
            throw .badRequest(
                "the name of the object (\(named)) does not match the name on the URL (\(scope.name))"
            )
        }
        if !scope.name.isEmpty { object.set(["metadata", "name"], .string(scope.name)) }
        object["apiVersion"] = .string(resource.apiVersion())
        object["kind"] = .string(resource.kind)
        let warns = validation == "Warn"
        return (object, warns ? unknown.map { "unknown field \"\($0)\"" } : [])
    }

    private func checkNamespace(_ scope: RequestScope, _ name: String) throws(APIStatus) {
        guard scope.resource.isNamespaced else { return }
        guard let namespace = object("namespaces", "", scope.namespace) else {
            throw .notFound(.named("namespaces"), scope.namespace)
        }
        guard namespace.isTerminating else { return }
        throw .forbidden(
            scope.resource, name,
            "unable to create new content in namespace \(scope.namespace) because it is being "
                + "terminated",
            causes: [
                APIStatus.Cause(
                    reason: "NamespaceTerminating",
                    message: "namespace \(scope.namespace) is being terminated",
                    field: "metadata.namespace")
            ])
    }

    /// PUT.
    mutating func update(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let body = try BodyReader.document(scope.request, for: scope.resource)
        let (new, warnings) = try admissible(body, scope)
        let old = try live(scope)
        if !new.uid.isEmpty, new.uid != old.uid {
            throw .conflict(
                scope.resource, scope.name,
                "Precondition failed: UID in precondition: \(new.uid), UID in object meta: \(old.uid)"
            )
        }
        if new.resourceVersion.isEmpty, scope.resource.isCustom {
            throw .invalid(
                scope.resource, scope.name,
                [
                    APIStatus.Cause(
                        reason: "FieldValueInvalid",
                        message: "Invalid value: 0: must be specified for an update",
                        field: "metadata.resourceVersion")
                ])
        }
        var replacement = new
        if new.metadata["managedFields"] == nil {
            replacement.set(["metadata", "managedFields"], old.metadata["managedFields"])
        }
        return try replace(old, by: replacement, scope, warnings: warnings)
    }

    mutating func patch(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let resource = scope.resource
        let type = scope.request.mediaType
        if type == "application/apply-patch+yaml" { return try apply(scope) }
        let isStrategic = type == "application/strategic-merge-patch+json"
        guard
            type == "application/merge-patch+json" || type == "application/json-patch+json"
                || (isStrategic && !resource.isCustom)
        else {
            throw .unsupportedMediaType(
                accepted: ["application/json-patch+json", "application/merge-patch+json"]
                    + (resource.isCustom ? [] : ["application/strategic-merge-patch+json"])
                    + ["application/apply-patch+yaml"])
        }
        let old = try live(scope)
        let patched: JSONValue
        if type == "application/json-patch+json" {
            patched = try jsonPatched(old, scope)
        } else {
            let patch = try BodyReader.json(scope.request.body, for: resource)
            patched =
                isStrategic
                ? StrategicMergePatch.apply(patch, to: old) : old.merging(patch: patch)
        }
        let (new, warnings) = try admissible(scope.presented(patched), scope)
        return try replace(old, by: new, scope, warnings: warnings)
    }

    private func jsonPatched(_ old: JSONValue, _ scope: RequestScope) throws(APIStatus) -> JSONValue
    {
        guard let operations = try? JSONValue(parsing: scope.request.body) else {
            throw .badRequest("error decoding patch: \(BodyReader.excerpt(scope.request.body))")
        }
        do throws(JSONPatch.Failure) {
            return try JSONPatch.apply(operations, to: old)
        } catch {
            if case .malformed(let why) = error {
                throw .badRequest("error decoding patch: \(why)")
            }
            throw APIStatus(
                code: 422, reason: "Invalid",
                message: "the server rejected our request due to an error in our request",
                details: [:])
        }
    }

    /// Server-side apply.
    private mutating func apply(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let resource = scope.resource
        let body = try BodyReader.yaml(scope.request.body)
        guard scope.request.parameter("fieldManager") != nil else {
            throw APIStatus(
                code: 422, reason: "Invalid",
                message: "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: "
                    + "is required for apply patch",
                details: [
                    "group": "meta.k8s.io", "kind": "PatchOptions",
                    "causes": [
                        [
                            "reason": "FieldValueRequired",
                            "message": "Required value: is required for apply patch",
                            "field": "fieldManager",
                        ]
                    ],
                ])
        }
        guard body.metadata["managedFields"] == nil else {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let (configuration, warnings) = try admissible(body, scope)
        guard let old = object(resource.qualifiedName, scope.namespace, scope.name) else {
            if !configuration.uid.isEmpty {
                throw .conflict(
                    resource, scope.name,
                    "uid mismatch: the provided object specified uid \(configuration.uid), and no "
                        + "existing object was found")
            }
            return try create(body, scope, applying: true)
        }
        try checkVersions(old, configuration, scope)
        let draft = try draftApply(
            configuration, over: old, resource, by: scope.writer,
            force: scope.request.flag("force"))
        return try keep(draft, over: old, scope, warnings: warnings)
    }

    private mutating func replace(
        _ old: JSONValue, by new: JSONValue, _ scope: RequestScope, warnings: [String]
    ) throws(APIStatus) -> SandboxResponse {
        try checkVersions(old, new, scope)
        let draft = draftUpdate(
            from: old, to: Defaults.applied(to: new, scope.resource), scope.resource,
            by: scope.writer)
        return try keep(draft, over: old, scope, warnings: warnings)
    }

    private mutating func keep(
        _ draft: Draft, over old: JSONValue, _ scope: RequestScope, warnings: [String]
    ) throws(APIStatus) -> SandboxResponse {
        let causes = ObjectValidation.causes(draft.object, scope.resource)
        guard causes.isEmpty else { throw .invalid(scope.resource, scope.name, causes) }
        try askIstiod(scope.resource)
        try IstiodValidation.check(draft.object, scope.resource)
        if draft.isUnchanged {
            return SandboxResponse(scope.presented(old), warnings: warnings)
        }
        if scope.isDryRun {
            return SandboxResponse(scope.presented(draft.object), warnings: warnings)
        }
        let stored = put(draft.object, scope.resource)
        if stored.isTerminating, isFinalized(stored, scope.resource) {
            remove(stored, scope.resource)
        }
        return SandboxResponse(scope.presented(stored), warnings: warnings)
    }

    private func checkVersions(
        _ old: JSONValue, _ new: JSONValue, _ scope: RequestScope
    ) throws(APIStatus) {
        guard new.resourceVersion.isEmpty || new.resourceVersion == old.resourceVersion else {
            throw .conflict(scope.resource, scope.name, APIStatus.modified)
        }
        let causes = ObjectValidation.immutable(from: old, to: new)
        guard causes.isEmpty else { throw .invalid(scope.resource, scope.name, causes) }
    }

    func live(_ scope: RequestScope) throws(APIStatus) -> JSONValue {
        guard let old = object(scope.resource.qualifiedName, scope.namespace, scope.name) else {
            throw .notFound(scope.resource, scope.name)
        }
        return old
    }
}
