/// A text that diagnostics point into: a plan file, a kubeconfig, a manifest.
package struct SourceText: Sendable, Equatable {
    /// How the file is named to the user: the path as given, or `<stdin>`.
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The line with this 1-based number, without its line break; nil when the text has fewer lines.
    package func line(_ number: Int) -> Substring? {
        guard number >= 1 else { return nil }
        var current = 1
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if current == number {
                return line.hasSuffix("\r") ? line.dropLast() : line
            }
            current += 1
        }
        return nil
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
