/// Values of a cluster as YAML to paste: whatever they hold, they read back as the same text.
enum YAMLText {
    /// `{app: cart, tier: "1"}`, sorted by key.
    static func flow(_ labels: [String: String]) -> String {
        let pairs = labels.sorted { $0.key < $1.key }
            .map { "\(scalar($0.key)): \(scalar($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }

    /// A value or key anywhere, in `{}` too.
    static func scalar(_ text: String) -> String {
        isPlain(text, plain) ? text : quoted(text)
    }

    /// The value of a line of its own, where words may stand with spaces and commas between them.
    static func line(_ text: String) -> String {
        isPlain(text, plain.union(", ".unicodeScalars)) && text.last != " " ? text : quoted(text)
    }

    private static func isPlain(_ text: String, _ others: Set<Unicode.Scalar>) -> Bool {
        guard let first = text.unicodeScalars.first, isLetter(first) else { return false }
        return text.unicodeScalars.allSatisfy { isLetter($0) || others.contains($0) }
            && !words.contains(text.lowercased())
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static let plain = Set("0123456789-._/".unicodeScalars)

    /// What YAML 1.1 reads as something other than a text.
    private static let words: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "null",
    ]
}
