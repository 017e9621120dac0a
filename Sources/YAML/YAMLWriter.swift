package import JSON

/// Writes documents as people read them and `kubectl` writes them: block style, sorted keys, and
/// quotes around whatever would be read back as something else.
package enum YAMLWriter {
    /// One document, ending with a line break, without a `---` line. Numbers that JSON has not are
    /// written as JSON writes them here: the words `NaN`, `Infinity` and `-Infinity`.
    package static func text(_ value: JSONValue) -> String {
        var output = ""
        switch value {
        case .object(let members) where !members.isEmpty:
            write(members: members, order: rootOrder, indent: 0, to: &output)
        case .array(let items) where !items.isEmpty:
            write(items: items, indent: 0, to: &output)
        default:
            output = YAMLScalarWriter.inline(value) + "\n"
        }
        return output
    }

    /// The order in which Kubernetes' documentation writes an object.
    private static let rootOrder = ["apiVersion", "kind", "metadata", "spec", "status"]

    private static func write(
        members: [String: JSONValue], order: [String] = [], indent: Int, to output: inout String
    ) {
        let first = order.filter { members[$0] != nil }
        let rest = members.keys.filter { !first.contains($0) }.sorted()
        var needsMargin = false
        for key in first + rest {
            guard let value = members[key] else { continue }
            // The first member of a list's item stands behind its dash.
            if needsMargin || output.isEmpty || output.hasSuffix("\n") { margin(indent, &output) }
            needsMargin = true
            let name = YAMLScalarWriter.inline(.string(key))
            if name.unicodeScalars.count > longestSimpleKey {
                output += "? \(name)\n"
                margin(indent, &output)
            } else {
                output += name
            }
            output += ":"
            write(value, under: indent, to: &output)
        }
    }

    private static func write(items: [JSONValue], indent: Int, to output: inout String) {
        var needsMargin = false
        for item in items {
            if needsMargin || output.isEmpty || output.hasSuffix("\n") { margin(indent, &output) }
            needsMargin = true
            output += "-"
            switch item {
            case .object(let members) where !members.isEmpty:
                output += " "
                write(members: members, indent: indent + 2, to: &output)
            case .array(let items) where !items.isEmpty:
                output += " "
                write(items: items, indent: indent + 2, to: &output)
            default:
                write(item, under: indent, to: &output)
            }
        }
    }

    /// What follows a key or a dash, up to and with its line break.
    private static func write(_ value: JSONValue, under indent: Int, to output: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            output += "\n"
            write(members: members, indent: indent + 2, to: &output)
        case .array(let items) where !items.isEmpty:
            output += "\n"
            write(items: items, indent: indent, to: &output)
        case .string(let text):
            if let block = YAMLScalarWriter.literalBlock(text, indent: indent + 2) {
                output += " \(block)"
            } else {
                output += " \(YAMLScalarWriter.inline(value))\n"
            }
        default:
            output += " \(YAMLScalarWriter.inline(value))\n"
        }
    }

    /// libyaml takes a key for one only if its colon comes within 1,024 characters.
    private static let longestSimpleKey = 1_000

    private static func margin(_ indent: Int, _ output: inout String) {
        output += String(repeating: " ", count: indent)
    }
}
