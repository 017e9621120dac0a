/// Text from a cluster or a file, made harmless for a terminal and a log.
package enum TerminalText {
    /// The text on one line: control characters (line breaks and escape sequences among them) and
    /// characters that reorder or hide text are replaced by `�`.
    package static func sanitized(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar)
        }
        return result
    }

    /// Categories Cc, Cf (bidirectional controls, zero-width characters), Zl and Zp.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
