import JSON

/// JSON patch (RFC 6902).
enum JSONPatch {
    enum Failure: Error, Equatable {
        case malformed(String)
        /// A `test` that does not hold, or a path that is not there.
        case rejected
    }

    static func apply(_ patch: JSONValue, to document: JSONValue) throws(Failure) -> JSONValue {
        guard let operations = patch.array else { throw .malformed("a JSON patch is a list") }
        guard operations.count <= 10_000 else {
            throw .malformed("a JSON patch may have at most 10000 operations")
        }
        var result = document
        for operation in operations { try perform(operation, on: &result) }
        return result
    }

    private static func perform(
        _ operation: JSONValue, on document: inout JSONValue
    ) throws(Failure) {
        guard let name = operation["op"]?.string else { throw .malformed("op is missing") }
        let path = try pointer(operation["path"])
        switch name {
        case "add": try edit(&document, path[...], .add(operation["value"] ?? .null))
        case "replace": try edit(&document, path[...], .replace(operation["value"] ?? .null))
        case "remove": try edit(&document, path[...], .remove)
        case "test":
            guard find(document, path[...]) == (operation["value"] ?? .null) else {
                throw .rejected
            }
        case "move", "copy":
            let from = try pointer(operation["from"])
            guard let value = find(document, from[...]) else { throw .rejected }
            if name == "move" { try edit(&document, from[...], .remove) }
            try edit(&document, path[...], .add(value))
        default: throw .malformed("unknown op \(name)")
        }
    }

    private static func pointer(_ value: JSONValue?) throws(Failure) -> [String] {
        guard let text = value?.string, text.isEmpty || text.hasPrefix("/") else {
            throw .malformed("path is not a JSON pointer")
        }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func find(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
        var value = value
        for key in path {
            switch value {
            case .object(let members):
                guard let member = members[key] else { return nil }
                value = member
            case .array(let items):
                guard let index = Int(key), items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }

    private enum Edit {
        case add(JSONValue)
        case replace(JSONValue)
        case remove
    }

    private static func edit(
        _ value: inout JSONValue, _ path: ArraySlice<String>, _ change: Edit
    ) throws(Failure) {
        guard let key = path.first else {
            switch change {
            case .add(let new), .replace(let new): value = new
            case .remove: throw .rejected
            }
            return
        }
        switch value {
        case .object(var members):
            if path.count > 1 {
                guard var child = members[key] else { throw .rejected }
                try edit(&child, path.dropFirst(), change)
                members[key] = child
            } else {
                if case .add = change {} else if members[key] == nil { throw .rejected }
                switch change {
                case .add(let new), .replace(let new): members[key] = new
                case .remove: members[key] = nil
                }
            }
            value = .object(members)
        case .array(var items):
            try edit(&items, key, path, change)
            value = .array(items)
        default: throw .rejected
        }
    }

    private static func edit(
        _ items: inout [JSONValue], _ key: String, _ path: ArraySlice<String>, _ change: Edit
    ) throws(Failure) {
        let index = key == "-" ? items.count : Int(key) ?? -1
        if path.count == 1, case .add(let new) = change {
            guard (0...items.count).contains(index) else { throw .rejected }
            items.insert(new, at: index)
            return
        }
        guard items.indices.contains(index) else { throw .rejected }
        if path.count > 1 { return try edit(&items[index], path.dropFirst(), change) }
        switch change {
        case .replace(let new): items[index] = new
        default: items.remove(at: index)
        }
    }
}
