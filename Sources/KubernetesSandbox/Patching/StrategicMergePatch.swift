import JSON

/// Kubernetes' strategic merge patch for built-in kinds: like a merge patch, but lists whose items
/// have a key are merged by it, and directives (`$patch`, `$setElementOrder/…`) steer it.
///
/// Source: k8s.io/apimachinery `pkg/util/strategicpatch`, and the `patchMergeKey` tags of the types.
enum StrategicMergePatch {
    static func apply(_ patch: JSONValue, to document: JSONValue) -> JSONValue {
        merge(document, patch, field: "")
    }

    private static func merge(
        _ original: JSONValue, _ patch: JSONValue, field: String
    ) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        switch changes["$patch"]?.string {
        case "replace":
            return .object(changes.filter { $0.key != "$patch" })
        case "delete": return [:]
        default: break
        }
        var members = original.object ?? [:]
        if let retained = changes["$retainKeys"]?.array?.compactMap(\.string) {
            members = members.filter { retained.contains($0.key) }
        }
        for (key, change) in changes where !key.hasPrefix("$") {
            members[key] = member(key, members[key], change).omitted(if: change.isNull)
        }
        for (key, change) in changes where key.hasPrefix("$deleteFromPrimitiveList/") {
            let name = String(key.dropFirst("$deleteFromPrimitiveList/".count))
            let dropped = change.array ?? []
            members[name] = members[name].map { list in
                .array((list.array ?? []).filter { !dropped.contains($0) })
            }
        }
        for (key, order) in changes where key.hasPrefix("$setElementOrder/") {
            let name = String(key.dropFirst("$setElementOrder/".count))
            members[name] = members[name].map { reorder($0, by: order, field: name) }
        }
        return .object(members)
    }

    private static func member(
        _ name: String, _ original: JSONValue?, _ change: JSONValue
    ) -> JSONValue {
        guard let changes = change.array else {
            return merge(original ?? [:], change, field: name)
        }
        let present = original?.array ?? []
        if name == "finalizers" {
            return .array(present + changes.filter { !present.contains($0) })
        }
        guard let key = mergeKey(of: name, present + changes) else { return change }
        return .array(merge(list: present, changes, key: key, field: name))
    }

    private static func merge(
        list: [JSONValue], _ changes: [JSONValue], key: String, field: String
    ) -> [JSONValue] {
        if changes.contains(where: { $0 == ["$patch": "replace"] }) {
            return changes.filter { $0["$patch"] == nil }
        }
        var items = list
        for change in changes {
            let index = items.firstIndex { $0[key] != nil && $0[key] == change[key] }
            if change["$patch"]?.string == "delete" {
                if let index { items.remove(at: index) }
            } else if let index {
                items[index] = merge(items[index], change, field: field)
            } else {
                items.append(merge([:], change, field: field))
            }
        }
        return items
    }

    private static func reorder(
        _ list: JSONValue, by order: JSONValue, field: String
    ) -> JSONValue {
        guard let items = list.array, let wanted = order.array else { return list }
        let key = mergeKey(of: field, items)
        func identity(_ item: JSONValue) -> JSONValue { key.flatMap { item[$0] } ?? item }
        let ranks = Dictionary(
            wanted.enumerated().map { (identity($1), $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = items.enumerated().sorted { a, b in
            let ranked = (ranks[identity(a.element)], ranks[identity(b.element)])
            guard let first = ranked.0, let second = ranked.1 else { return a.offset < b.offset }
            return first < second
        }
        return .array(sorted.map(\.element))
    }

    /// The `patchMergeKey` of a list field; nil for a list that is replaced.
    private static func mergeKey(of field: String, _ items: [JSONValue]) -> String? {
        switch field {
        case "containers", "initContainers", "ephemeralContainers", "volumes", "env",
            "imagePullSecrets", "webhooks", "secrets":
            "name"
        case "ports": items.contains { $0["containerPort"] != nil } ? "containerPort" : "port"
        case "volumeMounts": "mountPath"
        case "volumeDevices": "devicePath"
        case "conditions": "type"
        case "ownerReferences": "uid"
        case "hostAliases", "podIPs": "ip"
        case "topologySpreadConstraints": "topologyKey"
        default: nil
        }
    }
}
