package import Diagnostics

/// Writes diagnostics as compilers do: `file:line:column: error: message [code]`, the source line
/// with carets, the detail, and what to copy.
package enum DiagnosticRenderer {
    /// All diagnostics, a blank line between them; empty without any.
    ///
    /// A diagnostic whose file is not among `sources` is shown without its source line.
    package static func text(
        _ diagnostics: [Diagnostic], sources: [SourceText], color: Bool
    ) -> String {
        var excerpts = SourceExcerpts(sources)
        let style = TerminalStyle(isColored: color)
        return diagnostics.map { text($0, &excerpts, style) }.joined(separator: "\n")
    }

    private static func text(
        _ diagnostic: Diagnostic, _ excerpts: inout SourceExcerpts, _ style: TerminalStyle
    ) -> String {
        var output = ""
        if let range = diagnostic.range {
            let place = "\(range.file):\(range.start.line):\(range.start.column):"
            output += style.bold(TerminalText.sanitized(place)) + " "
        }
        output += style.paint(diagnostic.severity.rawValue + ":", as: diagnostic.severity)
        output += " \(TerminalText.sanitized(diagnostic.message)) [\(diagnostic.code.rawValue)]\n"
        if let range = diagnostic.range, let excerpt = excerpts.excerpt(of: range) {
            output += "    \(excerpt.line)\n"
            output += "    \(excerpt.margin)"
            output += style.paint(excerpt.carets, as: diagnostic.severity) + "\n"
        }
        output += indented(diagnostic.detail, by: "  ")
        output += indented(diagnostic.remedy ?? "", by: "    ")
        return output
    }

    private static func indented(_ text: String, by margin: String) -> String {
        guard !text.isEmpty else { return "" }
        return TerminalText.sanitized(text, keepsLines: true)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "\n" : "\(margin)\($0)\n" }.joined()
    }
}

/// Colors of a terminal, or none.
private struct TerminalStyle {
    let isColored: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }

    func paint(_ text: String, as severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: wrap(text, "1;31")
        case .warning: wrap(text, "1;33")
        case .note: wrap(text, "1;36")
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
