/// A text that diagnostics point into: a plan file, a kubeconfig, a manifest.
package struct SourceText: Sendable, Equatable {
    /// How the file is named to the user: the path as given, or `<stdin>`.
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// What ends a line, as libyaml counts lines; `\r\n` ends one, not two.
    package static let lineBreaks: Set<Unicode.Scalar> = [
        "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
    ]

    /// The lines without their line breaks; there is at least one.
    package var lines: [Substring] {
        var lines: [Substring] = []
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = scalars.index(after: index)
            if Self.lineBreaks.contains(scalar) {
                lines.append(text[start..<index])
                start = next
                if scalar == "\r", next < scalars.endIndex, scalars[next] == "\n" {
                    start = scalars.index(after: next)
                }
                index = start
            } else {
                index = next
            }
        }
        lines.append(text[start...])
        return lines
    }

    /// The line with this 1-based number, without its line break; nil when the text has fewer lines.
    package func line(_ number: Int) -> Substring? {
        let lines = lines
        return lines.indices.contains(number - 1) ? lines[number - 1] : nil
    }
}

/// A place in a source text. Line and column are 1-based; a column counts Unicode scalars, as libyaml does.
package struct SourcePosition: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// A half-open stretch of one source text, with the name of its file.
package struct SourceRange: Sendable, Hashable {
    package var file: String
    package var start: SourcePosition
    package var end: SourcePosition

    package init(file: String, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = end
    }
}
