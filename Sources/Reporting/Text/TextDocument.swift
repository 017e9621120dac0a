/// Text for a terminal or a log, as lines of styled spans.
///
/// The only place that writes escape sequences. What spans hold is sanitized here, so that nothing that
/// came from a cluster or a file can colour, move or clear a terminal.
package struct TextDocument: Sendable, Equatable {
    package private(set) var lines: [TextLine] = []

    package init() {}

    mutating func add(_ line: TextLine, indent: Int = 0) {
        lines.append(line.isEmpty ? line : TextLine(String(repeating: " ", count: indent)) + line)
    }

    mutating func add(_ table: TextTable, indent: Int = 0) {
        for line in table.lines { add(line, indent: indent) }
    }

    /// A text of several lines, such as a remedy to paste: each on a line of its own.
    mutating func add(block text: String, indent: Int, style: TextStyle = .plain) {
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            add(TextLine(String(line), style), indent: indent)
        }
    }

    /// An empty line between two parts; none at the start, never two.
    mutating func addGap() {
        if let last = lines.last, !last.isEmpty { lines.append(TextLine()) }
    }

    mutating func addHeading(_ text: String) {
        addGap()
        add(TextLine(text, .bold))
    }

    /// The lines with their line breaks, the last one included.
    package func text(color: Bool) -> String {
        lines.map { $0.text(color: color) + "\n" }.joined()
    }
}

package enum TextStyle: String, Sendable, Hashable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
}

/// One line, or one cell of a table.
package struct TextLine: Sendable, Hashable {
    private struct Span: Hashable {
        var text: String
        var style: TextStyle
    }

    private var spans: [Span] = []

    init() {}

    init(_ text: String, _ style: TextStyle = .plain) {
        if !text.isEmpty { spans = [Span(text: TerminalText.sanitized(text), style: style)] }
    }

    static func + (a: TextLine, b: TextLine) -> TextLine {
        var line = a
        line.spans += b.spans
        return line
    }

    var isEmpty: Bool { spans.isEmpty }

    /// Columns on a terminal.
    var width: Int { spans.reduce(0) { $0 + DisplayWidth.of($1.text) } }

    func text(color: Bool) -> String {
        let text = spans.map { span in
            color && span.style != .plain
                ? "\u{1B}[\(span.style.rawValue)m\(span.text)\u{1B}[0m" : span.text
        }.joined()
        return text
    }
}

extension TextLine: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self.init(text) }
}
