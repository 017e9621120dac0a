import JSON

/// A set of field paths, kept as the tree that `fieldsV1` is.
///
/// An element is spelled as there: `f:NAME` for a member, `k:{…}` for an item of a keyed list,
/// `v:…` for a member of a set. Source: sigs.k8s.io/structured-merge-diff `fieldpath/serialize.go`.
struct FieldSet: Hashable, Sendable {
    /// Whether the path that leads here is in the set itself.
    var isMember = false
    var children: [String: FieldSet] = [:]

    var isEmpty: Bool { !isMember && children.isEmpty }

    mutating func insert(_ path: [String]) { insert(path[...]) }

    private mutating func insert(_ path: ArraySlice<String>) {
        guard let first = path.first else {
            isMember = true
            return
        }
        children[first, default: FieldSet()].insert(path.dropFirst())
    }

    func contains(_ path: [String]) -> Bool {
        var node = self
        for element in path {
            guard let child = node.children[element] else { return false }
            node = child
        }
        return node.isMember
    }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember || other.isMember,
            children: children.merging(other.children) { $0.union($1) })
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        combined(with: other) { $0 && $1 }
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        combined(with: other) { $0 && !$1 }
    }

    private func combined(with other: FieldSet, keep: (Bool, Bool) -> Bool) -> FieldSet {
        var result = FieldSet(isMember: keep(isMember, other.isMember))
        for (element, child) in children {
            let rest = child.combined(
                with: other.children[element] ?? FieldSet(), keep: keep)
            if !rest.isEmpty { result.children[element] = rest }
        }
        return result
    }

    /// Every path of the set, parents before their children, in order.
    var paths: [[String]] { paths(below: []) }

    private func paths(below prefix: [String]) -> [[String]] {
        (isMember ? [prefix] : [])
            + children.sorted { $0.key < $1.key }.flatMap { $1.paths(below: prefix + [$0]) }
    }
}

extension FieldSet {
    /// Reads a `fieldsV1` document.
    init(fieldsV1 document: JSONValue) {
        self.init()
        for (element, child) in document.object ?? [:] where element != "." {
            children[element] = FieldSet(member: child)
        }
    }

    private init(member document: JSONValue) {
        let members = document.object ?? [:]
        self.init(fieldsV1: document)
        isMember = members.isEmpty || members["."] != nil
    }

    /// The `fieldsV1` document; the root itself is never a member.
    var fieldsV1: JSONValue {
        var members: [String: JSONValue] = [:]
        for (element, child) in children {
            var document = child.fieldsV1
            if child.isMember, !child.children.isEmpty { document["."] = [:] }
            members[element] = document
        }
        return .object(members)
    }

    /// A path as messages spell it: `.spec.containers[name="web"].image`.
    static func text(_ path: [String]) -> String {
        path.map { element in
            let value = String(element.dropFirst(2))
            switch element.prefix(2) {
            case "k:":
                let keys = (try? JSONValue(parsing: Array(value.utf8)))?.object ?? [:]
                let pairs = keys.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\($0.value.canonicalText)" }
                return "[\(pairs.joined(separator: ","))]"
            case "v:": return "[=\(value)]"
            default: return "." + value
            }
        }.joined()
    }
}
