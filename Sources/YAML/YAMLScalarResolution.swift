import Diagnostics
package import JSON

/// What a scalar stands for, as sigs.k8s.io/yaml decides it (`goyaml.v2/resolve.go`): YAML 1.1
/// booleans and nulls, Go's integer prefixes, floats. Dates stay strings.
extension YAMLScalar {
    package var value: JSONValue { resolved ?? .string(text) }

    /// An explicit tag that the text contradicts, such as `!!int abc`.
    var tagMistake: Diagnostic? {
        guard resolved == nil, let tag else { return nil }
        let name = tag.dropFirst(Self.standardTags.count)
        return Diagnostic(
            .yamlSyntax, .error, "`\(text)` is not what its tag `!!\(name)` says", at: range)
    }

    private static let standardTags = "tag:yaml.org,2002:"

    /// nil when an explicit tag asks for what the text is not.
    private var resolved: JSONValue? {
        guard let tag else { return isPlain ? Self.implicit(text) : .string(text) }
        guard tag.hasPrefix(Self.standardTags) else { return .string(text) }
        let value = Self.implicit(text)
        switch (tag.dropFirst(Self.standardTags.count), value) {
        case ("null", .null), ("bool", .bool), ("int", .integer), ("int", .double(1e18...)),
            ("int", .double(...(-1e18))), ("float", .double):
            return value
        case ("float", .integer(let number)):
            return .double(Double(number))
        case ("float", .string(let word)) where Self.notFinite.contains(word):
            return value
        case ("null", _), ("bool", _), ("int", _), ("float", _):
            return nil
        default:
            return .string(text)
        }
    }

    /// What a plain text without a tag stands for.
    static func implicit(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL":
            return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
            return .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
            return .bool(false)
        default:
            guard let first = text.utf8.first, numberStarts.contains(first) else {
                return .string(text)
            }
            return number(text) ?? .string(text)
        }
    }

    private static let numberStarts = Set("+-.0123456789".utf8)

    /// Numbers that JSON has not: they stay words.
    private static let notFinite: Set<String> = [
        ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
        "-.Inf", "-.INF",
    ]

    private static func number(_ text: String) -> JSONValue? {
        let digits = text.utf8.first == UInt8(ascii: ".") ? text : text.filter { $0 != "_" }
        if let integer = YAMLInteger(digits) { return integer.value }
        guard isFloat(digits), let value = Double(digits), value.isFinite else { return nil }
        return .double(value)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        func dropSign() {
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest.removeFirst()
            }
        }
        func dropDigits() -> Int {
            let before = rest.count
            rest = rest.drop(while: isDigit)
            return before - rest.count
        }
        dropSign()
        var digits = dropDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            digits += dropDigits()
        }
        guard digits > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            dropSign()
            guard dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}

/// An integer as Go's `strconv.ParseInt(text, 0, 64)` reads it.
private struct YAMLInteger {
    /// Integers that 64 bits do not hold become doubles.
    var value: JSONValue

    init?(_ text: String) {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where digits.prefix(2).lowercased() == prefix {
            radix = base
            digits.removeFirst(2)
        }
        if radix == 10, digits.count > 1, digits.hasPrefix("0") {
            radix = 8
            digits.removeFirst()
        }
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        if let magnitude = UInt64(digits, radix: radix) {
            if isNegative, magnitude <= UInt64(Int64.max) + 1 {
                value = .integer(magnitude == 0 ? 0 : -Int64(magnitude - 1) - 1)
            } else if !isNegative, let number = Int64(exactly: magnitude) {
                value = .integer(number)
            } else {
                value = .double(isNegative ? -Double(magnitude) : Double(magnitude))
            }
            return
        }
        var number = 0.0
        for digit in digits {
            guard let worth = digit.isASCII ? digit.hexDigitValue : nil, worth < radix else {
                return nil
            }
            number = number * Double(radix) + Double(worth)
        }
        guard number.isFinite else { return nil }
        value = .double(isNegative ? -number : number)
    }
}
