import Diagnostics
import Reporting

/// What holds of every result.
enum Promises {
    /// Diagnostics point into the text, and what is printed of them holds nothing that a terminal obeys.
    static func hold(_ diagnostics: [Diagnostic], in bytes: [UInt8], named name: String) throws
        -> String
    {
        let source = String(validating: bytes, as: UTF8.self).map {
            SourceText(name: name, text: $0)
        }
        if let source {
            let lines = source.lines
            for diagnostic in diagnostics {
                if let range = diagnostic.range { try check(range, in: lines, of: diagnostic) }
            }
        }
        let text = DiagnosticRenderer.text(
            diagnostics, sources: source.map { [$0] } ?? [], color: false)
        try isHarmless(text)
        return text
    }

    private static func check(
        _ range: SourceRange, in lines: [Substring], of diagnostic: Diagnostic
    ) throws {
        for place in [range.start, range.end] {
            // One past the end: where the text stops, or a line does.
            guard place.line >= 1, place.column >= 1, place.line <= lines.count + 1 else {
                throw BrokenPromise(
                    "\(diagnostic.code.rawValue) points to \(place), behind the text")
            }
            let length = place.line <= lines.count ? lines[place.line - 1].unicodeScalars.count : 0
            guard place.column <= length + 2 else {
                throw BrokenPromise(
                    "\(diagnostic.code.rawValue) points to \(place), and the line has \(length) characters"
                )
            }
        }
        guard range.start <= range.end else {
            throw BrokenPromise("\(diagnostic.code.rawValue) ends before it starts: \(range)")
        }
    }

    static func isHarmless(_ text: String) throws {
        // A line may be put together of many that are short enough.
        let beginnings = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.prefix(TerminalText.longestLine / 4) }.joined(separator: "\n")
        guard TerminalText.sanitized(beginnings, keepsLines: true) == beginnings,
            !text.unicodeScalars.contains(where: isControl)
        else {
            throw BrokenPromise(
                "printed text holds control characters: \(text.debugDescription.prefix(300))")
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }
}

extension Promises {
    /// Something that is wrong with the reader's result, in words.
    static func expect(_ isTrue: Bool, _ what: @autoclosure () -> String) throws {
        guard isTrue else { throw BrokenPromise(what()) }
    }
}
