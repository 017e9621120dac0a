package import JSON

extension YAMLNode {
    /// The document that Kubernetes would make of this node (sigs.k8s.io/yaml `YAMLToJSON`).
    ///
    /// Keys become strings: `3000:` is "3000", and `on:` without quotes is "true".
    package func json() -> JSONValue {
        switch self {
        case .scalar(let scalar):
            return scalar.value
        case .sequence(let sequence):
            return .array(sequence.items.map { $0.json() })
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            members.reserveCapacity(mapping.entries.count)
            for entry in mapping.entries { members[entry.key.memberName] = entry.value.json() }
            return .object(members)
        }
    }
}

extension YAMLScalar {
    fileprivate var memberName: String {
        switch value {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        default: text
        }
    }
}
