import Diagnostics

/// Makes text from files and from the cluster harmless for a terminal, and for a CI system that reads what a
/// job prints.
package enum TerminalText {
    /// Characters shown of a line: far above any name that Kubernetes allows, and still a line.
    package static let longestLine = 4_000
    /// What is kept free for saying how much is left out, so that a line that was cut is not cut again.
    private static let longestNote = 40

    /// The text with every character replaced that a terminal would obey rather than show: control
    /// characters (and with them escape sequences), those that turn the direction of text, and those
    /// that nobody sees. So is one character of what a CI system would take for a command. Each becomes one
    /// visible character, so columns stay what they were. Of a line that no person reads to its end, the end
    /// is left out, and that it was is said.
    ///
    /// - Parameter keepsLines: whether line feeds and tabs stay, for text that may have several lines.
    package static func sanitized(_ text: String, keepsLines: Bool = false) -> String {
        guard !isHarmless(text, keepsLines) else { return text }
        let scalars = Array(text.unicodeScalars)
        guard keepsLines else { return line(scalars[...], keepsTabs: false) }
        return scalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line($0, keepsTabs: true) }.joined(separator: "\n")
    }

    /// Most texts are: told apart quickly, and left as they are.
    private static func isHarmless(_ text: String, _ keepsLines: Bool) -> Bool {
        guard text.utf8.count <= longestLine else { return false }
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == last, byte == UInt8(ascii: ":") || byte == UInt8(ascii: "#") { return false }
            guard (0x20...0x7E).contains(byte) || keepsLines && (byte == 0x0A || byte == 0x09)
            else { return false }
            last = byte
        }
        return true
    }

    private static func line(_ scalars: ArraySlice<Unicode.Scalar>, keepsTabs: Bool) -> String {
        let isWhole = scalars.count <= longestLine
        let shown = isWhole ? scalars : scalars.prefix(longestLine - longestNote)
        // Found once: looked for at each character, a long line would cost the square of its length.
        let start = shown.firstIndex { !$0.properties.isWhitespace } ?? shown.endIndex
        var output = String.UnicodeScalarView()
        for index in shown.indices { output.append(visible(shown, index, keepsTabs, start)) }
        let rest = scalars.count - shown.count
        return String(output) + (isWhole ? "" : "… (\(rest) more characters)")
    }

    private static func visible(
        _ line: ArraySlice<Unicode.Scalar>, _ index: Int, _ keepsTabs: Bool, _ start: Int
    ) -> Unicode.Scalar {
        let scalar = line[index]
        if scalar == "\t", keepsTabs { return scalar }
        guard scalar.isLegible || joins(line, index) else { return picture(of: scalar) }
        return beginsCommand(line, index, start) ? "\u{FFFD}" : scalar
    }

    /// Between letters of Persian, or the parts of an emoji; in a name of ASCII letters it hides.
    private static func joins(_ line: ArraySlice<Unicode.Scalar>, _ index: Int) -> Bool {
        guard (0x200C...0x200D).contains(line[index].value), index > line.startIndex else {
            return false
        }
        let last = line[index - 1]
        let carries = last.properties.isAlphabetic || last.properties.isEmoji || last == "\u{FE0F}"
        return !last.isASCII && carries
    }

    /// Unicode has a picture for each control character of ASCII: `␛` for escape.
    private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x00...0x1F: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        default: "\u{FFFD}"
        }
    }

    // MARK: - Commands of CI systems

    /// GitHub's runner obeys `::NAME …::` at the start of a printed line, blanks before it apart, and `##[NAME]`
    /// anywhere in one (`ActionCommand.cs` of actions/runner); others `##vso[NAME]` and `##teamcity[NAME]`.
    ///
    /// - Parameter start: the first character that is no blank.
    private static func beginsCommand(
        _ line: ArraySlice<Unicode.Scalar>, _ index: Int, _ start: Int
    ) -> Bool {
        let next = line.index(after: index)
        guard next < line.endIndex, line[next] == line[index] else { return false }
        switch line[index] {
        case "#": return afterName(line[line.index(after: next)...]).first == "["
        case ":":
            guard index == start else { return false }
            let rest = afterName(line[line.index(after: next)...])
            guard rest.startIndex > next + 1 else { return false }
            // An IPv6 address may begin so, but none has a blank or a second pair of colons there.
            return rest.first == " " || rest.starts(with: [":", ":"])
        default: return false
        }
    }

    private static func afterName(
        _ line: ArraySlice<Unicode.Scalar>
    ) -> ArraySlice<Unicode.Scalar> {
        line.drop { $0.properties.isAlphabetic || $0 == "-" }
    }
}
