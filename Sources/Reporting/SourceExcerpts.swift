import Diagnostics

/// One line of a source, or the part of a long one that matters, with carets for below it.
struct SourceExcerpt: Equatable {
    var line: String
    /// What stands before the carets so that they are below their text: spaces, and the line's tabs.
    var margin: String
    var carets: String
}

/// Cuts excerpts out of sources, splitting each source into lines only once.
struct SourceExcerpts {
    private let sources: [String: SourceText]
    private var lines: [String: [Substring]] = [:]
    private var last: (file: String, line: Int, scalars: [Unicode.Scalar])?

    /// Characters shown of a line.
    private static let width = 100
    /// Characters shown before the carets where the line is cut.
    private static let lead = 40

    init(_ sources: [SourceText]) {
        self.sources = Dictionary(
            sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// nil when the source is not known or has no such line.
    mutating func excerpt(of range: SourceRange) -> SourceExcerpt? {
        guard let scalars = scalars(of: range.file, line: range.start.line) else { return nil }
        let start = min(max(range.start.column - 1, 0), scalars.count)
        let end =
            range.end.line == range.start.line
            ? min(max(range.end.column - 1, start), scalars.count) : scalars.count
        let isCut = scalars.count > Self.width
        let first = isCut ? min(max(start - Self.lead, 0), scalars.count - Self.width) : 0
        let window = first..<min(first + Self.width, scalars.count)
        var line = first > 0 ? "…" : ""
        var margin = first > 0 ? " " : ""
        line.unicodeScalars.append(contentsOf: scalars[window])
        if window.upperBound < scalars.count { line += "…" }
        for scalar in scalars[window.lowerBound..<max(start, window.lowerBound)] {
            margin += scalar == "\t" ? "\t" : " "
        }
        let carets = String(
            repeating: "^", count: max(1, min(end, window.upperBound) - start))
        return SourceExcerpt(
            line: TerminalText.sanitized(line, keepsLines: true), margin: margin, carets: carets)
    }

    private mutating func scalars(of file: String, line number: Int) -> [Unicode.Scalar]? {
        if let last, last.file == file, last.line == number { return last.scalars }
        guard let source = sources[file] else { return nil }
        let all = lines[file] ?? source.lines
        lines[file] = all
        guard all.indices.contains(number - 1) else { return nil }
        var scalars = Array(all[number - 1].unicodeScalars)
        // No column counts a byte order mark.
        if number == 1, scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        last = (file, number, scalars)
        return scalars
    }
}
