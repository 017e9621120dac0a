import Timing

/// Words that several gates use.
package enum GateWords {
    /// Lines of evidence that one finding keeps.
    private static let lines = 20

    static func evidence(_ lines: [String]) -> [String] {
        guard lines.count > Self.lines else { return lines }
        return lines.prefix(Self.lines) + ["and \(lines.count - Self.lines) more"]
    }

    /// Words of somebody else on one line of bounded length, without control characters.
    package static func quotation(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longestQuotation + 1) {
            let isControl = scalar.properties.generalCategory == .control
            kept.append(isControl || scalar == "\u{2028}" || scalar == "\u{2029}" ? " " : scalar)
        }
        guard kept.count > longestQuotation else { return String(kept) }
        return String(String.UnicodeScalarView(kept.dropLast())) + "…"
    }

    static let askAgain =
        "Ask again when it can be seen, or accept the doubt in the plan file (gates.accept)."

    private static let longestQuotation = 300

    /// `45s`, `30m`, `1h 30m`, `2d`; what is smaller than the two largest units is left out.
    static func span(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"),
        ]
        var rest = max(0, milliseconds)
        var words: [String] = []
        for (size, unit) in units where words.count < 2 {
            let count = rest / size
            rest %= size
            if count > 0 { words.append("\(count)\(unit)") } else if !words.isEmpty { break }
        }
        return words.isEmpty ? "0s" : words.joined(separator: " ")
    }
}
