import Diagnostics
import Testing

@testable import Reporting

@Suite struct DiagnosticRendererTests {
    private func range(_ line: Int, _ from: Int, _ to: Int, endLine: Int? = nil) -> SourceRange {
        SourceRange(
            file: "plans/a.yaml", start: SourcePosition(line: line, column: from),
            end: SourcePosition(line: endLine ?? line, column: to))
    }

    private func text(_ source: String, _ diagnostics: Diagnostic..., color: Bool = false) -> String
    {
        DiagnosticRenderer.text(
            diagnostics, sources: [SourceText(name: "plans/a.yaml", text: source)], color: color)
    }

    @Test("place, message, code, source line, carets, detail and remedy, each on their lines")
    func whole() {
        let output = text(
            "mesh:\n  mtls: STRCT # here\n",
            Diagnostic(
                .invalidValue, .error, "`mtls` cannot be `STRCT`",
                detail: "Did you mean `STRICT`?\nAllowed: STRICT.",
                remedy: "mesh:\n  mtls: STRICT", at: range(2, 9, 14)),
            Diagnostic(.leftOver, .warning, "`default/x` is left over"),
            Diagnostic(.unknownKey, .note, "elsewhere", at: range(9, 1, 2)))
        #expect(
            output == """
                plans/a.yaml:2:9: error: `mtls` cannot be `STRCT` [invalid-value]
                      mtls: STRCT # here
                            ^^^^^
                  Did you mean `STRICT`?
                  Allowed: STRICT.
                    mesh:
                      mtls: STRICT

                warning: `default/x` is left over [left-over]

                plans/a.yaml:9:1: note: elsewhere [unknown-key]

                """)
    }

    @Test("no diagnostics give no text")
    func nothing() {
        #expect(text("a: 1").isEmpty)
    }

    @Test("carets stand below their text behind tabs and beyond ASCII")
    func alignment() {
        let output = text(
            "\tä:\tvalue", Diagnostic(.invalidValue, .error, "m", at: range(1, 5, 10)))
        #expect(
            output.split(separator: "\n").dropFirst().map(String.init)
                == ["    \tä:\tvalue", "    \t  \t^^^^^"])
    }

    @Test("an empty range has one caret, and one over several lines goes to the line's end")
    func lengths() {
        let source = "key:\nother: value\n"
        let empty = text(source, Diagnostic(.wrongType, .error, "m", at: range(1, 5, 5)))
        #expect(empty.hasSuffix("    key:\n        ^\n"))
        let long = text(
            source, Diagnostic(.wrongType, .error, "m", at: range(2, 8, 1, endLine: 3)))
        #expect(long.hasSuffix("    other: value\n           ^^^^^\n"))
    }

    @Test("a long line is cut to a window around the carets")
    func window() throws {
        let line = String(repeating: "a", count: 300) + "X" + String(repeating: "b", count: 300)
        var excerpts = SourceExcerpts([SourceText(name: "plans/a.yaml", text: line)])
        let middleExcerpt = excerpts.excerpt(of: range(1, 301, 302))
        let middle = try #require(middleExcerpt)
        #expect(
            middle.line == "…" + String(repeating: "a", count: 40) + "X"
                + String(repeating: "b", count: 59) + "…")
        #expect(middle.margin.count == 41 && middle.carets == "^")
        let startExcerpt = excerpts.excerpt(of: range(1, 1, 200))
        let start = try #require(startExcerpt)
        #expect(start.line == String(repeating: "a", count: 100) + "…")
        #expect(start.margin.isEmpty && start.carets.count == 100)
        let endExcerpt = excerpts.excerpt(of: range(1, 602, 602))
        let end = try #require(endExcerpt)
        #expect(end.line == "…" + String(repeating: "b", count: 100))
        #expect(end.margin.count == 101 && end.carets == "^")
    }

    @Test(
        "positions outside of the source do no harm",
        arguments: [(0, 1), (1, 0), (1, -5), (1, 999), (-3, 4), (99, 1)])
    func outside(line: Int, column: Int) {
        let output = text(
            "a: 1", Diagnostic(.wrongType, .error, "m", at: range(line, column, column - 2)))
        #expect(output.contains("error: m [wrong-type]\n"))
    }

    @Test("a byte order mark shifts no caret")
    func byteOrderMark() {
        let output = text(
            "\u{FEFF}ab: 1", Diagnostic(.wrongType, .error, "m", at: range(1, 5, 6)))
        #expect(output.hasSuffix("    ab: 1\n        ^\n"))
    }

    @Test("nothing from a file reaches the terminal as a command")
    func hostile() {
        let output = text(
            "a: \u{1B}[2J\u{202E}evil",
            Diagnostic(
                .invalidValue, .error, "m\u{1B}]0;title\u{7}\nplans/a.yaml:1:1: error: forged",
                detail: "d\u{9B}1m", remedy: "r\u{8}", at: range(1, 4, 5)))
        #expect(
            output == """
                plans/a.yaml:1:4: error: m␛]0;title␇␊plans/a.yaml:1:1: error: forged [invalid-value]
                    a: ␛[2J\u{FFFD}evil
                       ^
                  d\u{FFFD}1m
                    r␈

                """)
    }

    @Test("color marks place, severity and carets")
    func color() {
        let output = text(
            "a: 1", Diagnostic(.invalidValue, .error, "m", at: range(1, 4, 5)), color: true)
        #expect(
            output == "\u{1B}[1mplans/a.yaml:1:4:\u{1B}[0m \u{1B}[1;31merror:\u{1B}[0m m "
                + "[invalid-value]\n    a: 1\n       \u{1B}[1;31m^\u{1B}[0m\n")
    }
}
