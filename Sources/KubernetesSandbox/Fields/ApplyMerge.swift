import JSON

extension JSONValue {
    /// This document with `configuration` laid over it: maps and keyed lists merge, everything else
    /// is replaced (structured-merge-diff `typed/merge.go`).
    func merging(configuration: JSONValue, _ schema: FieldSchema) -> JSONValue {
        switch (self, configuration, schema) {
        case (.object(let live), .object(let wanted), .structure),
            (.object(let live), .object(let wanted), .map):
            var members = live
            for (name, value) in wanted {
                members[name] =
                    live[name].map { $0.merging(configuration: value, schema.member(name)) }
                    ?? value
            }
            return .object(members)
        case (.array(let live), .array(let wanted), .keyed),
            (.array(let live), .array(let wanted), .set):
            guard let present = schema.items(of: live), let changes = schema.items(of: wanted)
            else { return configuration }
            var coming = Dictionary(changes, uniquingKeysWith: { first, _ in first })
            var items = present.map { item in
                coming.removeValue(forKey: item.element)
                    .map { item.value.merging(configuration: $0, schema.item) } ?? item.value
            }
            items += changes.filter { coming[$0.element] != nil }.map(\.value)
            return .array(items)
        default: return configuration
        }
    }

    /// This document without the fields of `set`; a container that becomes empty goes too, unless
    /// `kept` owns it.
    func removing(_ set: FieldSet, keeping kept: FieldSet, _ schema: FieldSchema) -> JSONValue? {
        if set.isMember, kept.isEmpty { return nil }
        switch (self, schema) {
        case (.object(let live), .structure), (.object(let live), .map):
            var members = live
            for (element, child) in set.children where element.hasPrefix("f:") {
                let name = String(element.dropFirst(2))
                members[name] = live[name].flatMap {
                    $0.removing(
                        child, keeping: kept.children[element] ?? FieldSet(), schema.member(name))
                }
            }
            let emptied = members.isEmpty && !live.isEmpty
            return JSONValue.object(members).omitted(if: emptied && !kept.isMember)
        case (.array(let live), .keyed), (.array(let live), .set):
            guard let items = schema.items(of: live) else { return self }
            let rest = items.compactMap { item -> JSONValue? in
                guard let child = set.children[item.element] else { return item.value }
                let keptChild = kept.children[item.element] ?? FieldSet()
                // An item that nobody owns any more goes with its keys.
                if child.isMember, keptChild.isEmpty { return nil }
                return item.value.removing(child, keeping: keptChild, schema.item)
            }
            let emptied = rest.isEmpty && !live.isEmpty
            return JSONValue.array(rest).omitted(if: emptied && !kept.isMember)
        default: return self
        }
    }
}
