import JSON

/// A label selector, from a query string or from an object's `spec.selector`.
struct LabelQuery: Sendable, Hashable {
    enum Requirement: Sendable, Hashable {
        case isIn(String, Set<String>)
        case isNotIn(String, Set<String>)
        case exists(String)
        case isAbsent(String)

        func matches(_ labels: [String: String]) -> Bool {
            switch self {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .exists(let key): labels[key] != nil
            case .isAbsent(let key): labels[key] == nil
            }
        }
    }

    var requirements: [Requirement] = []

    var isEmpty: Bool { requirements.isEmpty }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.matches(labels) }
    }
}

extension LabelQuery {
    /// `matchLabels` and `matchExpressions`. One that is absent selects everything, as in a webhook.
    init(selector: JSONValue?) {
        let labels = selector?["matchLabels"]?.stringMap ?? [:]
        requirements = labels.sorted { $0.key < $1.key }.map { .isIn($0.key, [$0.value]) }
        for expression in selector?["matchExpressions"]?.array ?? [] {
            let key = expression["key"]?.string ?? ""
            let values = Set((expression["values"]?.array ?? []).compactMap(\.string))
            switch expression["operator"]?.string {
            case "In": requirements.append(.isIn(key, values))
            case "NotIn": requirements.append(.isNotIn(key, values))
            case "Exists": requirements.append(.exists(key))
            default: requirements.append(.isAbsent(key))
            }
        }
    }

    /// `a=b,c!=d,e in (f,g),h notin (i),j,!k`
    init(parsing text: String) throws(APIStatus) {
        var rest = text[...]
        while !rest.isEmpty {
            var depth = 0
            let end =
                rest.firstIndex { character in
                    if character == "(" { depth += 1 }
                    if character == ")" { depth -= 1 }
                    return character == "," && depth == 0
                } ?? rest.endIndex
            let item = String(rest[..<end]).trimmingASCIISpace
            requirements.append(try Self.requirement(item))
            rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
        }
    }

    private static func requirement(_ text: String) throws(APIStatus) -> Requirement {
        func key(_ part: some StringProtocol) throws(APIStatus) -> String {
            let name = String(part).trimmingASCIISpace
            guard Names.isLabelKey(name) else {
                throw .badRequest(
                    "unable to parse requirement: <nil>: Invalid value: \"\(name)\": "
                        + Names.labelKeyRule)
            }
            return name
        }
        func value(_ part: some StringProtocol) throws(APIStatus) -> String {
            let name = String(part).trimmingASCIISpace
            guard !name.hasPrefix("=") else {
                throw .badRequest("unable to parse requirement: found '=', expected: identifier")
            }
            guard Names.isLabelValue(name) else {
                throw .badRequest(
                    "unable to parse requirement: values[0]: Invalid value: \"\(name)\": "
                        + Names.labelValueRule)
            }
            return name
        }
        if let open = text.firstIndex(of: "("), text.hasSuffix(")") {
            let words = text[..<open].split(separator: " ")
            guard words.count == 2, words[1] == "in" || words[1] == "notin" else {
                throw .badRequest(
                    "unable to parse requirement: found '\(text)', expected: in, notin")
            }
            var values: Set<String> = []
            for part in text[text.index(after: open)...].dropLast().split(separator: ",") {
                values.insert(try value(part))
            }
            return words[1] == "in"
                ? .isIn(try key(words[0]), values) : .isNotIn(try key(words[0]), values)
        }
        if text.hasPrefix("!") { return .isAbsent(try key(text.dropFirst())) }
        if let range = text.firstRange(of: "!=") {
            return .isNotIn(
                try key(text[..<range.lowerBound]), [try value(text[range.upperBound...])])
        }
        if let range = text.firstRange(of: "==") ?? text.firstRange(of: "=") {
            return .isIn(try key(text[..<range.lowerBound]), [try value(text[range.upperBound...])])
        }
        return .exists(try key(text))
    }
}
