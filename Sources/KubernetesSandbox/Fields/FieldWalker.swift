import JSON

/// A value taken apart by its schema: members or items with their elements, or a leaf.
private enum Parts {
    case leaf
    case members([String: JSONValue])
    case items([(element: String, value: JSONValue)])

    init(_ value: JSONValue, _ schema: FieldSchema) {
        switch (value, schema) {
        case (.object(let members), .structure), (.object(let members), .map):
            self = members.isEmpty ? .leaf : .members(members)
        case (.array(let list), .keyed), (.array(let list), .set):
            if !list.isEmpty, let items = schema.items(of: list) {
                self = .items(items)
            } else {
                self = .leaf
            }
        default: self = .leaf
        }
    }

    /// The children with the elements that lead to them.
    func children(_ schema: FieldSchema) -> [String: (value: JSONValue, schema: FieldSchema)] {
        switch self {
        case .leaf: return [:]
        case .members(let members):
            return Dictionary(
                members.map { ("f:" + $0.key, ($0.value, schema.member($0.key))) },
                uniquingKeysWith: { first, _ in first })
        case .items(let items):
            return Dictionary(
                items.map { ($0.element, ($0.value, schema.item)) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    var isLeaf: Bool { if case .leaf = self { true } else { false } }
}

extension FieldSet {
    /// The fields that a document sets, as an applied configuration owns them: leaves, items of
    /// lists, and keys of maps, but not the structures between
    /// (structured-merge-diff `typed/tofieldset.go`).
    init(fieldsOf value: JSONValue, _ schema: FieldSchema) {
        self.init()
        let parts = Parts(value, schema)
        if parts.isLeaf {
            isMember = true
            return
        }
        for (element, child) in parts.children(schema) {
            var set = FieldSet(fieldsOf: child.value, child.schema)
            let isField = element.hasPrefix("f:") && schema.declares(String(element.dropFirst(2)))
            if !isField { set.isMember = true }
            children[element] = set
        }
    }
}

/// What differs between two documents, field by field (structured-merge-diff `typed/compare.go`).
struct FieldComparison {
    private(set) var added = FieldSet()
    private(set) var modified = FieldSet()
    private(set) var removed = FieldSet()

    init(from old: JSONValue, to new: JSONValue, _ schema: FieldSchema) {
        compare(old, new, schema, at: [])
    }

    private mutating func compare(
        _ old: JSONValue?, _ new: JSONValue?, _ schema: FieldSchema, at path: [String]
    ) {
        guard old != new else { return }
        // An empty map beside a full one still has its (missing) members compared one by one.
        let before = old.map { Parts($0, schema) }
        let after = new.map { Parts($0, schema) }
        let lines = before.map { $0.children(schema) } ?? [:]
        let others = after.map { $0.children(schema) } ?? [:]
        if lines.isEmpty, others.isEmpty {
            record(old, new, at: path)
            return
        }
        if Self.isScalarOrAtomic(old, before) || Self.isScalarOrAtomic(new, after) {
            record(old, new, at: path)
        }
        for (element, child) in lines {
            compare(child.value, others[element]?.value, child.schema, at: path + [element])
        }
        for (element, child) in others where lines[element] == nil {
            compare(nil, child.value, child.schema, at: path + [element])
        }
        if old == nil { added.insert(path) }
        if new == nil { removed.insert(path) }
    }

    /// Whether a value is a leaf for another reason than being empty.
    private static func isScalarOrAtomic(_ value: JSONValue?, _ parts: Parts?) -> Bool {
        guard let value, let parts, parts.isLeaf else { return false }
        switch value {
        case .object(let members): return !members.isEmpty
        case .array(let items): return !items.isEmpty
        case .null: return false
        default: return true
        }
    }

    private mutating func record(_ old: JSONValue?, _ new: JSONValue?, at path: [String]) {
        if old == nil {
            added.insert(path)
        } else if new == nil {
            removed.insert(path)
        } else {
            modified.insert(path)
        }
    }
}
