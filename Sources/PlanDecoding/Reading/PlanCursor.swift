import Diagnostics
import YAML

/// One value of the plan file while it is read: knows its path, and reports what is wrong with it.
///
/// Every read gives nil after reporting, so that reading goes on and one pass finds all mistakes.
struct PlanCursor {
    let node: YAMLNode
    /// `spec.namespaces[0].mtls`
    let path: String
    let mistakes: PlanMistakes

    /// The last part of the path, as messages name the value.
    var key: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The path as messages name it.
    var title: String { path.isEmpty ? "the plan file" : "`\(path)`" }

    /// Where to point when the value as a whole is meant: one line of it.
    var place: SourceRange {
        switch node {
        case .scalar(let scalar): scalar.range
        case .sequence(let sequence): sequence.range.firstLine
        case .mapping(let mapping): mapping.head
        }
    }

    func report(
        _ code: DiagnosticCode, _ message: String, detail: @autoclosure () -> String = "",
        remedy: String? = nil, at range: SourceRange? = nil
    ) {
        mistakes.report(code, message, detail: detail(), remedy: remedy, at: range ?? place)
    }

    func wrongType(_ wanted: String, hint: String = "") {
        if case .scalar(let scalar) = node, scalar.text.isEmpty, scalar.isPlain {
            report(.wrongType, "`\(key)` has no value", detail: "Give it \(wanted), or remove it.")
        } else {
            report(.wrongType, "`\(key)` must be \(wanted), not \(node.kind)", detail: hint)
        }
    }

    /// The items of a list.
    func items() -> [PlanCursor]? {
        guard case .sequence(let sequence) = node else {
            wrongType("a list", hint: "Write each entry behind a dash.")
            return nil
        }
        return sequence.items.enumerated().map { index, item in
            PlanCursor(node: item, path: "\(path)[\(index)]", mistakes: mistakes)
        }
    }

    /// Whether it is a list, and has no items.
    var isEmptyList: Bool {
        if case .sequence(let sequence) = node { sequence.items.isEmpty } else { false }
    }

    /// The keys of a mapping, checked against those it may and must have.
    func fields(_ object: PlanObject) -> PlanFields? {
        guard case .mapping(let mapping) = node else {
            wrongType("a mapping", hint: "Its keys are \(object.names.joined(separator: ", ")).")
            return nil
        }
        for entry in mapping.entries where !object.names.contains(entry.key.text) {
            report(
                .unknownKey, "unknown key \(quote(entry.key.text)) in \(title)",
                detail: allowance(of: object.names, for: entry.key.text), at: entry.key.range)
        }
        for key in object.keys where key.isRequired && mapping[key.name] == nil {
            report(
                .missingKey, "\(title) needs the key `\(key.name)`", detail: key.about,
                at: mapping.head)
        }
        return PlanFields(mapping: mapping, cursor: self)
    }
}

/// The keys of one mapping.
struct PlanFields {
    let mapping: YAMLMapping
    let cursor: PlanCursor

    subscript(_ key: String) -> PlanCursor? {
        guard let node = mapping[key] else { return nil }
        let path = cursor.path.isEmpty ? key : "\(cursor.path).\(key)"
        return PlanCursor(node: node, path: path, mistakes: cursor.mistakes)
    }

    var isEmpty: Bool { mapping.entries.isEmpty }

    func keyRange(_ key: String) -> SourceRange? {
        mapping.entries.first { $0.key.text == key }?.key.range
    }

    /// Where each key is written.
    var keyRanges: [String: SourceRange] {
        Dictionary(
            mapping.entries.map { ($0.key.text, $0.key.range) }, uniquingKeysWith: { a, _ in a })
    }

    /// Each item of a list under a key, decoded; those with mistakes are left out.
    func list<T>(_ key: String, _ decode: (PlanCursor) -> T?) -> [T] {
        self[key]?.items()?.compactMap(decode) ?? []
    }
}

extension YAMLNode {
    fileprivate var kind: String {
        switch self {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension YAMLMapping {
    /// The mapping's braces where they stand on one line, else its first key.
    var head: SourceRange {
        range.start.line == range.end.line
            ? range : entries.first?.key.range ?? range.firstLine
    }
}

extension SourceRange {
    /// The range, or the first character of one that goes over several lines.
    fileprivate var firstLine: SourceRange {
        var cut = self
        if start.line != end.line {
            cut.end = SourcePosition(line: start.line, column: start.column + 1)
        }
        return cut
    }
}
