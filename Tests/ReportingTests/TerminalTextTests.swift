import Reporting
import Testing

@Suite struct TerminalTextTests {
    @Test("ordinary text stays as it is", arguments: ["", "plain", "ä é 🙂 👩‍👩‍👧 漢字", "עברית"])
    func ordinary(text: String) {
        #expect(TerminalText.sanitized(text) == text)
    }

    @Test("lines and tabs stay only when asked")
    func lines() {
        #expect(TerminalText.sanitized("a\n\tb") == "a␊␉b")
        #expect(TerminalText.sanitized("a\n\tb\r", keepsLines: true) == "a\n\tb␍")
    }

    @Test(
        "a long line costs no more than its length", .timeLimit(.minutes(1)),
        arguments: ["a", " ", ":", "#", "::a", "##a"])
    func cost(piece: String) {
        let line = String(repeating: piece, count: TerminalText.longestLine / piece.count)
        for blanks in ["", String(repeating: " ", count: TerminalText.longestLine / 2)] {
            let text = [String](repeating: blanks + line + "\u{7}", count: 100)
            let shown = TerminalText.sanitized(text.joined(separator: "\n"), keepsLines: true)
            #expect(shown.split(separator: "\n").count == 100)
        }
    }

    @Test("no character that a terminal obeys is left, and each leaves one in its place")
    func controls() {
        let bad: [ClosedRange<UInt32>] = [
            0...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E,
            0x2066...0x2069, 0xFEFF...0xFEFF, 0xE_0001...0xE_007F, 0xAD...0xAD, 0x180E...0x180E,
            0x200B...0x200D, 0x2060...0x2064, 0x3164...0x3164, 0xE_0100...0xE_01EF,
        ]
        for code in bad.joined() {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let cleaned = TerminalText.sanitized("a\(scalar)b").unicodeScalars
            #expect(!cleaned.contains(scalar))
            #expect(cleaned.count == 3)
        }
    }

    @Test("no line is a command of a CI system, and what only looks like one stays")
    func commands() {
        for (text, shown) in [
            ("::error::x", "\u{FFFD}:error::x"),
            (" \u{3000}::add-mask::x", " \u{3000}\u{FFFD}:add-mask::x"),
            ("::warning file=a::x", "\u{FFFD}:warning file=a::x"),
            ("a ##[error]b", "a \u{FFFD}#[error]b"), ("##vso[task.x]y", "\u{FFFD}#vso[task.x]y"),
        ] { #expect(TerminalText.sanitized(text) == shown) }
        #expect(TerminalText.sanitized("a\n::error::x", keepsLines: true) == "a\n\u{FFFD}:error::x")
        for text in ["::1", "::ffff:10.0.0.1", "a ::error::b", "## heading", "a::b", "::"] {
            #expect(TerminalText.sanitized(text) == text)
        }
    }

    @Test("of a line without end the beginning is shown, and how much is not")
    func length() {
        let long = String(repeating: "ä", count: 5_000)
        let shown = String(repeating: "ä", count: TerminalText.longestLine - 40)
        let cut = shown + "… (1040 more characters)"
        #expect(TerminalText.sanitized(long) == cut)
        // Texts are put together of others: what was cut stays as it is.
        #expect(TerminalText.sanitized(cut) == cut)
        let lines = "a\n\(long)\nb"
        #expect(
            TerminalText.sanitized(lines, keepsLines: true)
                == "a\n\(cut)\nb")
    }
}
