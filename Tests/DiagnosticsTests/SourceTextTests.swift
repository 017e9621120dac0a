import Diagnostics
import Testing

@Suite struct SourceTextTests {
    @Test(
        "lines end where libyaml ends them",
        arguments: [
            ("", [""]), ("a", ["a"]), ("a\nb", ["a", "b"]), ("a\n", ["a", ""]),
            ("a\r\nb\rc", ["a", "b", "c"]), ("\r\n\r\n", ["", "", ""]),
            ("a\u{85}b\u{2028}c\u{2029}d", ["a", "b", "c", "d"]), ("\n\r", ["", "", ""]),
        ] as [(String, [String])])
    func lines(text: String, expected: [String]) {
        let source = SourceText(name: "a", text: text)
        #expect(source.lines.map(String.init) == expected)
        for (index, line) in expected.enumerated() {
            #expect(source.line(index + 1).map(String.init) == line)
        }
        #expect(source.line(0) == nil)
        #expect(source.line(expected.count + 1) == nil)
    }
}
