import JSON
import Timing

/// Who writes, as `managedFields` tells it.
struct Writer: Sendable {
    var name: String
    var apiVersion: String
    var subresource = ""

    var updating: FieldManagers.Manager {
        .init(operation: "Update", name: name, apiVersion: apiVersion, subresource: subresource)
    }

    var applying: FieldManagers.Manager {
        .init(operation: "Apply", name: name, apiVersion: "", subresource: subresource)
    }
}

/// A write that is judged but not kept yet.
struct Draft {
    var object: JSONValue
    /// Nothing but timestamps of managed fields would change.
    var isUnchanged: Bool
}

extension SandboxCluster {
    /// Brings `new` into the shape in which it may replace `old`: system fields kept, generation
    /// counted, managed fields written for a plain update.
    func draftUpdate(
        from old: JSONValue, to new: JSONValue, _ resource: SandboxResource, by writer: Writer
    ) -> Draft {
        var new = settled(old, new, resource, writer)
        let comparison = FieldComparison(
            from: ownable(old, resource, writer), to: ownable(new, resource, writer),
            .of(resource))
        var managers = FieldManagers(new)
        managers.update(
            by: writer.updating, apiVersion: writer.apiVersion, at: now.rfc3339, comparison)
        new.set(["metadata", "managedFields"], managers.document)
        return finished(old, new, resource)
    }

    /// Lays an applied configuration over `old`.
    func draftApply(
        _ configuration: JSONValue, over old: JSONValue, _ resource: SandboxResource,
        by writer: Writer, force: Bool
    ) throws(APIStatus) -> Draft {
        let schema = FieldSchema.of(resource)
        let manager = writer.applying
        let applied = Self.applied(ownable(configuration, resource, writer), schema)
        var managers = FieldManagers(old)
        let kept = managers.fields(except: manager).union(applied)
        let dropped = managers.fields(of: manager).subtracting(kept)
        var base = old
        base.set(["metadata", "managedFields"], nil)
        let merged = base.merging(configuration: configuration, schema)
        let pruned = merged.removing(dropped, keeping: kept, schema) ?? merged
        var new = settled(old, Defaults.applied(to: pruned, resource), resource, writer)
        let comparison = FieldComparison(
            from: ownable(old, resource, writer), to: ownable(new, resource, writer), schema)
        let conflicts = managers.conflicts(for: manager, comparison)
        guard force || conflicts.isEmpty else { throw .applyConflict(conflicts) }
        managers.apply(
            by: manager, apiVersion: writer.apiVersion, at: now.rfc3339, applied: applied,
            comparison)
        new.set(["metadata", "managedFields"], managers.document)
        return finished(old, new, resource)
    }

    /// Managed fields of an object that is made by this write.
    func creationManagers(
        _ object: JSONValue, _ resource: SandboxResource, by writer: Writer, applying: Bool
    ) -> JSONValue? {
        var managers = FieldManagers([:])
        let schema = FieldSchema.of(resource)
        let ownable = ownable(object, resource, writer)
        let comparison = FieldComparison(
            from: Self.unwritten(resource), to: ownable, schema)
        if applying {
            managers.apply(
                by: writer.applying, apiVersion: writer.apiVersion, at: now.rfc3339,
                applied: Self.applied(ownable, schema), comparison)
        } else {
            managers.update(
                by: writer.updating, apiVersion: writer.apiVersion, at: now.rfc3339, comparison)
        }
        return managers.document
    }

    /// The fields that an applied configuration sets; `metadata` itself is nobody's.
    private static func applied(_ ownable: JSONValue, _ schema: FieldSchema) -> FieldSet {
        var fields = FieldSet(fieldsOf: ownable, schema)
        fields.children["f:metadata"]?.isMember = false
        if fields.children["f:metadata"]?.isEmpty == true { fields.children["f:metadata"] = nil }
        return fields
    }

    /// A write by one of the cluster's own parts: changes the object in place, and keeps it only if
    /// something changed.
    mutating func modify(
        _ resource: SandboxResource, _ namespace: String, _ name: String, by manager: String,
        subresource: String = "status", _ change: (inout JSONValue) -> Void
    ) {
        guard let old = object(resource.qualifiedName, namespace, name) else { return }
        var new = old
        change(&new)
        guard new != old else { return }
        let writer = Writer(
            name: manager, apiVersion: resource.apiVersion(), subresource: subresource)
        let draft = draftUpdate(from: old, to: new, resource, by: writer)
        if !draft.isUnchanged { put(draft.object, resource) }
    }

    private func settled(
        _ old: JSONValue, _ new: JSONValue, _ resource: SandboxResource, _ writer: Writer
    ) -> JSONValue {
        var new = new.withoutNulls
        for key in [
            "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "resourceVersion", "generateName", "selfLink",
        ] {
            new.set(["metadata", key], old.metadata[key])
        }
        new.set(["metadata", "name"], .string(old.name))
        new.set(
            ["metadata", "namespace"],
            JSONValue(stringLiteral: old.namespaceName).omitted(if: old.namespaceName.isEmpty))
        new["apiVersion"] = old["apiVersion"]
        new["kind"] = old["kind"]
        if resource.hasStatus, writer.subresource != "status" { new["status"] = old["status"] }
        if writer.subresource == "status" { new["spec"] = old["spec"] }
        if resource.qualifiedName == "namespaces" { new["spec"] = old["spec"] }
        return new
    }

    private func finished(
        _ old: JSONValue, _ new: JSONValue, _ resource: SandboxResource
    ) -> Draft {
        var new = new
        if resource.features.contains(.generation), Self.body(old) != Self.body(new) {
            new.set(["metadata", "generation"], .integer(old.generation + 1))
        }
        return Draft(object: new, isUnchanged: Self.timeless(old) == Self.timeless(new))
    }

    /// What `metadata.generation` counts.
    private static func body(_ object: JSONValue) -> JSONValue {
        var object = object
        for key in ["metadata", "status", "apiVersion", "kind"] { object[key] = nil }
        return object
    }

    private static func timeless(_ object: JSONValue) -> JSONValue {
        var object = object
        let entries = (object.metadata["managedFields"]?.array ?? []).map { entry -> JSONValue in
            var entry = entry
            entry["time"] = nil
            return entry
        }
        object.set(["metadata", "managedFields"], .array(entries))
        return object
    }

    /// The part of an object whose fields can be owned.
    private func ownable(
        _ object: JSONValue, _ resource: SandboxResource, _ writer: Writer
    ) -> JSONValue {
        var object = object.withoutNulls
        var metadata = object.metadata
        for key in [
            "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation",
            "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
        ] {
            metadata[key] = nil
        }
        object["metadata"] = metadata
        for key in ["apiVersion", "kind"] { object[key] = nil }
        if resource.hasStatus, writer.subresource != "status" { object["status"] = nil }
        return object
    }

    /// What a built-in object serialises to before anything is set: these structures are not owned by
    /// whoever creates it. A custom object starts from nothing.
    private static func unwritten(_ resource: SandboxResource) -> JSONValue {
        guard !resource.isCustom else { return ["metadata": [:]] }
        let template: JSONValue = ["metadata": [:], "spec": ["containers": []]]
        let spec: JSONValue =
            switch resource.kind {
            case "Pod": ["containers": []]
            case "Deployment": ["strategy": [:], "template": template]
            case "StatefulSet", "DaemonSet": ["updateStrategy": [:], "template": template]
            case "ReplicaSet", "Job": ["template": template]
            case "CronJob": ["jobTemplate": ["metadata": [:], "spec": ["template": template]]]
            default: [:]
            }
        return ["metadata": [:], "spec": spec, "status": [:]]
    }
}
