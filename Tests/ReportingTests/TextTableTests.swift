import Testing

@testable import Reporting

@Suite("Tables and lines of text")
struct TextTableTests {
    private func lines(_ table: TextTable) -> [String] { table.lines.map { $0.text(color: false) } }

    @Test("columns align, and no line ends with a space")
    func alignment() {
        var table = TextTable(header: ["NAME", "N", "LAST"], alignments: [.left, .right])
        table.add(["a", "100", "x"])
        table.add(["longer", "1", ""])
        table.add(["", "", "y"])
        #expect(
            lines(table) == [
                "NAME      N  LAST", "a       100  x", "longer    1", "             y",
            ])
    }

    @Test("wide characters take two columns, marks none, and colours nothing")
    func width() {
        var table = TextTable()
        table.add([TextLine("日本", .red), "x"])
        table.add(["e\u{301}", "y"])
        #expect(lines(table) == ["日本  x", "e\u{301}     y"])
        #expect(table.lines[0].text(color: true) == "\u{1B}[31m日本\u{1B}[0m  x")
    }

    @Test("one endless cell does not push the other rows apart")
    func endlessCell() {
        var table = TextTable()
        table.add([TextLine(String(repeating: "x", count: 200)), "1"])
        table.add(["short", "2"])
        #expect(lines(table)[1] == "short  2")
    }

    @Test("a document never begins with, or doubles, an empty line")
    func gaps() {
        var document = TextDocument()
        document.addGap()
        document.add("a")
        document.addGap()
        document.addGap()
        document.add("b", indent: 2)
        #expect(document.text(color: true) == "a\n\n  b\n")
    }

    @Test("durations read as in the plan file")
    func durations() {
        #expect(Phrases.duration(milliseconds: 30_000) == "30s")
        #expect(Phrases.duration(milliseconds: 5_400_000) == "1h30m")
        #expect(Phrases.duration(milliseconds: 61_000) == "1m1s")
        #expect(Phrases.duration(milliseconds: 250) == "250ms")
    }

    @Test("nothing ends the code span or the cell that it is in, or begins an item of a list")
    func markdown() {
        #expect(Markdown.code("a|b `c` \\|d") == "`a\\|b 'c' \u{FFFD}\\|d`")
        #expect(Markdown.escapedLine("- a") == "\\- a" && Markdown.escaped("- a") == "- a")
    }

    @Test("a fence is longer than any run of backticks in it")
    func fence() {
        #expect(Markdown.fenced("a ```` b") == "`````\na ```` b\n`````\n")
    }
}
