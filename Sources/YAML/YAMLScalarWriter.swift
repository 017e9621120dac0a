import Diagnostics
import JSON

/// Writes single values so that any YAML reader, 1.1 or 1.2, gives the same value back.
enum YAMLScalarWriter {
    /// A value on one line; collections only when they are empty.
    static func inline(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): number(value)
        case .string(let text): isSafePlain(text) ? text : quoted(text)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// A text of several lines as a `|` block, with its line break; nil for texts that one cannot
    /// hold unchanged or that would be hard to read in one.
    static func literalBlock(_ text: String, indent: Int) -> String? {
        var lines = text.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let first = lines.first, !first.isEmpty else { return nil }
        let endsWithBreak = lines.last?.isEmpty == true
        if endsWithBreak { lines.removeLast() }
        guard lines.last?.isEmpty == false else { return nil }
        for line in lines {
            if line.first == " " || line.first == "\t" { return nil }
            guard line.allSatisfy({ isPrintable($0) }) else { return nil }
            guard !isCommand(line) else { return nil }
        }
        let margin = String(repeating: " ", count: indent)
        return (endsWithBreak ? "|\n" : "|-\n")
            + lines.map { $0.isEmpty ? "\n" : margin + String($0) + "\n" }.joined()
    }

    /// A CI system that reads the line, without its margin, would obey it (GitHub's `::error::` and `##[error]`).
    private static func isCommand(_ line: Substring.UnicodeScalarView) -> Bool {
        line.starts(with: "::".unicodeScalars) || String(Substring(line)).contains("##")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return quoted("NaN") }
        if value.isInfinite { return quoted(value < 0 ? "-Infinity" : "Infinity") }
        return value.description
    }

    /// Whether a text may stand without quotes: a narrow rule, since a needless quote harms nobody.
    private static func isSafePlain(_ text: String) -> Bool {
        guard YAMLScalar.implicit(text) == .string(text),
            let first = text.utf8.first, let last = text.utf8.last
        else { return false }
        guard isLetterOrDigit(first) || plainStarts.contains(first) else { return false }
        guard isLetterOrDigit(last) || plainEnds.contains(last) else { return false }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            guard isLetterOrDigit(byte) || plainInside.contains(byte) else { return false }
            if previous == UInt8(ascii: ":"), byte == UInt8(ascii: " ") { return false }
            if " #".utf8.contains(previous), byte == UInt8(ascii: "#") { return false }
            previous = byte
        }
        // Other readers know more numbers: dates, base 60, `1e3` in all spellings.
        guard first >= 0x30, first <= 0x39 else { return true }
        return text.utf8.contains(where: isLetter) && !text.utf8.contains(UInt8(ascii: ":"))
    }

    private static let plainStarts = Set("_/$(".utf8)
    private static let plainEnds = Set("_/)$*+;.".utf8)
    private static let plainInside = Set("_-./@$()+=;:#*, <>~^".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte)
    }

    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "#" where output.hasSuffix("#"): output += escape(scalar.value)
            case "\n": output += "\\n"
            case "\t": output += "\\t"
            case "\r": output += "\\r"
            default:
                if isPrintable(scalar) {
                    output.unicodeScalars.append(scalar)
                } else {
                    output += escape(scalar.value)
                }
            }
        }
        return output + "\""
    }

    private static func escape(_ code: UInt32) -> String {
        let digits = String(code, radix: 16, uppercase: true)
        let (letter, width) = code <= 0xFF ? ("x", 2) : code <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }

    /// What may stand for itself: printable for YAML, no line break, and nothing that turns the
    /// direction of text or cannot be seen.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0x1FFF, 0x2010...0x2027, 0x2030...0x205E, 0x2070...0xD7FF,
            0xE000...0xFEFE, 0xFF00...0xFFEF, 0x1_0000...0x1_FFFD:
            scalar.isLegible
        default: false
        }
    }
}
