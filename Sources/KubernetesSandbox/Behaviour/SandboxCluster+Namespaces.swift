import JSON

extension SandboxCluster {
    /// Empties a namespace that is Terminating, and lets it go once nothing is left in it.
    mutating func emptyNamespace(_ name: String) {
        guard let namespace = object("namespaces", "", name), namespace.isTerminating else {
            return
        }
        var isEmpty = true
        for resource in SandboxResource.all where resource.isNamespaced {
            for object in list(resource.qualifiedName, in: name) {
                if erase(object, resource) != nil { isEmpty = false }
            }
        }
        if isEmpty {
            remove(namespace, .named("namespaces"))
        } else {
            schedule(.namespaceCleanUp, after: Delays.namespaceCleanUp, "", name)
        }
    }

    /// What every new namespace gets.
    mutating func makeDefaults(in namespace: String) {
        guard let found = object("namespaces", "", namespace), !found.isTerminating else { return }
        if object("serviceaccounts", namespace, "default") == nil {
            make(.named("serviceaccounts"), ["metadata": ["name": "default"]], in: namespace)
        }
    }

    /// Creates an object on behalf of one of the cluster's own controllers.
    @discardableResult
    mutating func make(
        _ resource: SandboxResource, _ body: JSONValue, in namespace: String,
        by manager: String = "kube-controller-manager"
    ) -> JSONValue? {
        var object = body
        object.set(["metadata", "namespace"], .string(namespace))
        if object.name.isEmpty, let prefix = object.metadata["generateName"]?.string {
            object.set(["metadata", "name"], .string(prefix + names.suffix()))
        }
        guard self.object(resource.qualifiedName, namespace, object.name) == nil else { return nil }
        object = Defaults.applied(to: object, resource)
        let writer = Writer(name: manager, apiVersion: resource.apiVersion())
        object.set(
            ["metadata", "managedFields"],
            creationManagers(object, resource, by: writer, applying: false))
        if resource.kind == "Pod" {
            do throws(APIStatus) { object = try admit(pod: object) } catch { return nil }
        }
        return put(born(object, resource), resource)
    }
}
