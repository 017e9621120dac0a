import Diagnostics

/// The pairs of one mapping while it is read: finds keys that stand twice, and merges `<<`.
struct YAMLPairs {
    private var own: [YAMLMapping.Entry] = []
    private var places: [String: SourceRange] = [:]
    private var inherited: [YAMLMapping.Entry] = []
    private var inheritedKeys: Set<String> = []

    /// Adds a pair, unless its key is there already: then gives where.
    mutating func add(_ key: YAMLScalar, _ value: YAMLNode) -> SourceRange? {
        if let first = places[key.text] { return first }
        places[key.text] = key.range
        if !key.isMergeKey { own.append(YAMLMapping.Entry(key: key, value: value)) }
        return nil
    }

    /// Takes over the pairs of a mapping, or of each mapping of a list, the earlier ones winning
    /// (https://yaml.org/type/merge.html). False when the value is neither.
    mutating func merge(_ value: YAMLNode) -> Bool {
        switch value {
        case .mapping(let mapping):
            inherit(mapping)
            return true
        case .sequence(let sequence):
            for item in sequence.items {
                guard case .mapping(let mapping) = item else { return false }
                inherit(mapping)
            }
            return true
        case .scalar:
            return false
        }
    }

    /// The pairs that stand in the mapping itself, then those of merged mappings under other keys.
    var merged: [YAMLMapping.Entry] {
        inherited.isEmpty ? own : own + inherited.filter { places[$0.key.text] == nil }
    }

    private mutating func inherit(_ mapping: YAMLMapping) {
        for entry in mapping.entries where inheritedKeys.insert(entry.key.text).inserted {
            inherited.append(entry)
        }
    }
}

extension YAMLScalar {
    var isMergeKey: Bool {
        text == "<<" && (isPlain && tag == nil || tag == "tag:yaml.org,2002:merge")
    }
}
