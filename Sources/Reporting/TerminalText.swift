/// Makes text from files and from the cluster harmless for a terminal.
package enum TerminalText {
    /// The text with every character replaced that a terminal would obey rather than show: control
    /// characters (and with them escape sequences), those that turn the direction of text, and those
    /// that nobody sees. Each becomes one visible character, so columns stay what they were.
    ///
    /// - Parameter keepsLines: whether line feeds and tabs stay, for text that may have several lines.
    package static func sanitized(_ text: String, keepsLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { visible($0, keepsLines) != $0 }) else {
            return text
        }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { output.append(visible(scalar, keepsLines)) }
        return String(output)
    }

    private static func visible(_ scalar: Unicode.Scalar, _ keepsLines: Bool) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0A:
            return keepsLines ? scalar : picture(of: scalar)
        case 0x00...0x1F, 0x7F:
            return picture(of: scalar)
        case 0x80...0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE_0000...0xE_0FFF:
            return "\u{FFFD}"
        default:
            return scalar
        }
    }

    /// Unicode has a picture for each control character of ASCII: `␛` for escape.
    private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar.value == 0x7F
            ? "\u{2421}" : Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    }
}
