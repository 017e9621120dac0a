import JSON
package import MeshModel

/// A PeerAuthentication: `policy("shop/default", .strict)`. Its `spec` says the same as its fields.
package func policy(
    _ path: String, _ mode: MTLSMode = .unset, selector: [String: String]? = nil,
    ports: [Int: MTLSMode] = [:], labels: [String: String] = [:],
    created: String = "2020-02-02T02:02:02Z", managedFields: [ManagedFields] = []
) -> MeshPart {
    let (namespace, name) = split(path)
    var part = MeshPart()
    part.policies = [
        PeerAuthentication(
            meta: ObjectMeta(
                name: name, namespace: namespace, uid: "pa-\(path)", resourceVersion: "1",
                labels: labels, creationTimestamp: created, managedFields: managedFields),
            selector: selector.map { LabelSelector($0) }, mode: mode, portModes: ports,
            spec: policySpec(mode, selector: selector, ports: ports))
    ]
    return part
}

/// The labels of what a plan made.
package func madeBy(plan: String) -> [String: String] {
    [LabelKeys.managedBy: LabelKeys.managedByMeshctl, LabelKeys.plan: plan]
}

/// Field ownership as the API server records it: `owned(by: "argocd-controller", "spec", "mtls")`.
package func owned(
    by manager: String, _ operation: ManagedFields.Operation = .update, _ path: String...
) -> ManagedFields {
    let fields = path.reversed().reduce([:] as JSONValue) { inner, key in
        JSONValue.object(["f:" + key: inner])
    }
    return ManagedFields(manager: manager, operation: operation, fields: fields)
}

private func policySpec(
    _ mode: MTLSMode, selector: [String: String]?, ports: [Int: MTLSMode]
) -> JSONValue {
    var spec: [String: JSONValue] = [:]
    if let selector { spec["selector"] = ["matchLabels": JSONValue(selector)] }
    if mode != .unset { spec["mtls"] = ["mode": .string(mode.rawValue)] }
    for (port, mode) in ports {
        var all = spec["portLevelMtls"] ?? [:]
        all[String(port)] = ["mode": .string(mode.rawValue)]
        spec["portLevelMtls"] = all
    }
    return .object(spec)
}
