/// Pieces of GitHub-flavoured Markdown. Whatever comes in cannot end a cell, a code span or a fence.
enum Markdown {
    /// A block of preformatted text, behind a fence longer than any run of backticks in it.
    static func fenced(_ text: String) -> String {
        let text = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { TerminalText.sanitized(String($0)) }.joined(separator: "\n")
        var (run, longest) = (0, 0)
        for character in text {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        let end = text.hasSuffix("\n") ? "" : "\n"
        return "\(fence)\n\(text)\(end)\(fence)\n"
    }

    /// Plain text in a paragraph or a cell: on one line, with nothing that Markdown or HTML reads.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in TerminalText.sanitized(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            // A backslash does not keep GitHub from making a mention or an issue link.
            case "@": result += "&#64;"
            case "#": result += "&#35;"
            case "|", "`", "*", "_", "[", "]", "\\", "~":
                result += "\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same where a line begins with it: no item of a list either, nor the underline of a heading.
    static func escapedLine(_ text: String) -> String {
        let text = escaped(text)
        return text.first.map { "-+=".contains($0) } == true ? "\\" + text : text
    }

    /// A code span, in a cell too: backticks become quotes and a bar is escaped, as tables want it. A
    /// backslash before a bar would escape that escape, and nothing in a code span can escape it in turn.
    static func code(_ text: String) -> String {
        let safe = TerminalText.sanitized(text).replacing("`", with: "'")
            .replacing("\\|", with: "\u{FFFD}|").replacing("|", with: "\\|")
        return safe.isEmpty ? "" : "`\(safe)`"
    }

    static func table(header: [String], rows: [[String]]) -> String {
        let lines =
            [header, header.map { _ in "---" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
