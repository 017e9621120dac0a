import JSON

/// Fields that no schema knows: refused, warned of or dropped, as `fieldValidation` says.
enum UnknownFields {
    /// The object without them, and their paths.
    static func pruned(
        _ object: JSONValue, _ resource: SandboxResource
    ) -> (object: JSONValue, unknown: [String]) {
        guard case .object(var members) = object else { return (object, []) }
        var unknown: [String] = []
        let known = topLevel(resource)
        for key in members.keys.sorted() where !known.contains(key) {
            unknown.append(key)
            members[key] = nil
        }
        let metadataKeys = members["metadata"]?.object?.keys.sorted() ?? []
        for key in metadataKeys where !metadata.contains(key) {
            unknown.append("metadata.\(key)")
            members["metadata"]?[key] = nil
        }
        if resource.qualifiedName == "peerauthentications.security.istio.io",
            let spec = members["spec"]
        {
            members["spec"] = pruned(peerAuthentication: spec, &unknown)
        }
        return (.object(members), unknown)
    }

    private static let metadata: Set<String> = [
        "name", "generateName", "namespace", "labels", "annotations", "uid", "resourceVersion",
        "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "finalizers", "ownerReferences", "managedFields", "selfLink",
    ]

    private static func topLevel(_ resource: SandboxResource) -> Set<String> {
        let common: Set<String> = ["apiVersion", "kind", "metadata"]
        switch resource.kind {
        case "ConfigMap", "Secret":
            return common.union(["data", "binaryData", "immutable", "stringData", "type"])
        case "ServiceAccount":
            return common.union(["secrets", "imagePullSecrets", "automountServiceAccountToken"])
        case "Endpoints": return common.union(["subsets"])
        case "EndpointSlice": return common.union(["addressType", "endpoints", "ports"])
        case "ControllerRevision": return common.union(["data", "revision"])
        case "Event":
            return common.union([
                "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp",
                "count", "type", "eventTime", "series", "action", "related", "reportingComponent",
                "reportingInstance",
            ])
        case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
            return common.union(["webhooks"])
        default: return common.union(["spec", "status"])
        }
    }

    private static func pruned(
        peerAuthentication spec: JSONValue, _ unknown: inout [String]
    ) -> JSONValue {
        var spec = keep(["mtls", "portLevelMtls", "selector"], of: spec, at: "spec", &unknown)
        if let mtls = spec["mtls"] {
            spec["mtls"] = keep(["mode"], of: mtls, at: "spec.mtls", &unknown)
        }
        if let selector = spec["selector"] {
            spec["selector"] = keep(["matchLabels"], of: selector, at: "spec.selector", &unknown)
        }
        if let ports = spec["portLevelMtls"]?.object {
            for (port, value) in ports.sorted(by: { $0.key < $1.key }) {
                spec["portLevelMtls"]?[port] = keep(
                    ["mode"], of: value, at: "spec.portLevelMtls[\(port)]", &unknown)
            }
        }
        return spec
    }

    private static func keep(
        _ known: Set<String>, of value: JSONValue, at path: String, _ unknown: inout [String]
    ) -> JSONValue {
        guard case .object(var members) = value else { return value }
        for key in members.keys.sorted() where !known.contains(key) {
            unknown.append("\(path).\(key)")
            members[key] = nil
        }
        return .object(members)
    }
}
