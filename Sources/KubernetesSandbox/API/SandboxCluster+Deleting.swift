import JSON
import Timing

extension SandboxCluster {
    mutating func delete(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let options = try scope.deleteOptions()
        let old = try live(scope)
        try check(options["preconditions"] ?? [:], old, scope)
        let left = erase(old, scope.resource, gracePeriod: gracePeriod(scope, options))
        orphan(old, options, scope)
        if let left { return SandboxResponse(scope.presented(left)) }
        // A typed server shows what it deleted for these kinds, a Status for the others.
        if ["Pod", "Service", "ServiceAccount"].contains(scope.resource.kind) {
            return SandboxResponse(scope.presented(old))
        }
        var details = scope.resource.details(scope.name)
        details["uid"] = .string(old.uid)
        return SandboxResponse([
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "details": details,
        ])
    }

    mutating func deleteCollection(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        let options = try scope.deleteOptions()
        let filter = try ListFilter(scope)
        let items = list(scope.resource.qualifiedName, in: scope.namespace)
            .filter(filter.matches)
        for item in items {
            erase(item, scope.resource, gracePeriod: gracePeriod(scope, options))
            orphan(item, options, scope)
        }
        var metadata: JSONValue = ["resourceVersion": .string(String(resourceVersion))]
        if scope.resource.isCustom { metadata["continue"] = "" }
        return SandboxResponse([
            "kind": .string(scope.resource.kind + "List"),
            "apiVersion": .string(scope.apiVersion), "metadata": metadata,
            "items": .array(items.map(scope.presented)),
        ])
    }

    private func gracePeriod(_ scope: RequestScope, _ options: JSONValue) -> Int {
        scope.request.parameter("gracePeriodSeconds").flatMap(Int.init)
            ?? options["gracePeriodSeconds"].int(30)
    }

    private func check(
        _ preconditions: JSONValue, _ old: JSONValue, _ scope: RequestScope
    ) throws(APIStatus) {
        if let uid = preconditions["uid"]?.string, uid != old.uid {
            throw .precondition(
                scope.resource, scope.name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(old.uid))."
                    + " The object might have been deleted and then recreated")
        }
        if let version = preconditions["resourceVersion"]?.string, version != old.resourceVersion {
            throw .precondition(
                scope.resource, scope.name,
                "the ResourceVersion in the precondition (\(version)) does not match the "
                    + "ResourceVersion in record (\(old.resourceVersion)). The object might have "
                    + "been modified")
        }
    }

    /// Deletes, or marks as going what takes time; returns the object while it is still there.
    @discardableResult
    mutating func erase(
        _ object: JSONValue, _ resource: SandboxResource, gracePeriod: Int = 30
    ) -> JSONValue? {
        let takesTime =
            switch resource.kind {
            case "Namespace": true
            case "Pod": object["spec"]?["nodeName"] != nil && gracePeriod > 0
            default: false
            }
        guard takesTime || !isFinalized(object, resource) else {
            remove(object, resource)
            return nil
        }
        if object.isTerminating { return object }
        var going = object
        let grace = resource.kind == "Pod" ? gracePeriod : 0
        going.set(
            ["metadata", "deletionTimestamp"],
            .string((now + .seconds(min(grace, 86_400))).rfc3339))
        if resource.kind == "Pod" {
            going.set(["metadata", "deletionGracePeriodSeconds"], JSONValue(grace))
        }
        if resource.kind == "Namespace" { going.set(["status", "phase"], "Terminating") }
        return put(going, resource)
    }

    /// Whether no finalizer holds an object back; namespaces and pods go by events of their own.
    func isFinalized(_ object: JSONValue, _ resource: SandboxResource) -> Bool {
        guard resource.kind != "Namespace", resource.kind != "Pod" else {
            return !object.isTerminating
        }
        return object.metadata["finalizers"]?.array?.isEmpty ?? true
    }

    /// `propagationPolicy: Orphan` cuts the dependents loose before the collector comes.
    private mutating func orphan(_ owner: JSONValue, _ options: JSONValue, _ scope: RequestScope) {
        let policy =
            scope.request.parameter("propagationPolicy") ?? options["propagationPolicy"]?.string
        guard policy == "Orphan" || options["orphanDependents"] == true else { return }
        for (resource, object) in dependents(of: owner.uid) {
            var free = object
            let owners = (object.metadata["ownerReferences"]?.array ?? []).filter {
                $0["uid"]?.string != owner.uid
            }
            free.set(
                ["metadata", "ownerReferences"], JSONValue.array(owners).omitted(if: owners.isEmpty)
            )
            put(free, resource)
        }
    }

    func dependents(of uid: String) -> [(SandboxResource, JSONValue)] {
        SandboxResource.all.flatMap { resource in
            list(resource.qualifiedName).filter { object in
                object.metadata["ownerReferences"]?.array?.contains { $0["uid"]?.string == uid }
                    ?? false
            }.map { (resource, $0) }
        }
    }
}
