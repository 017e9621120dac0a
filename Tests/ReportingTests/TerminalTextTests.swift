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

    @Test("no character that a terminal obeys is left, and each leaves one in its place")
    func controls() {
        let bad: [ClosedRange<UInt32>] = [
            0...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E,
            0x2066...0x2069, 0xFEFF...0xFEFF, 0xE_0001...0xE_007F,
        ]
        for code in bad.joined() {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let cleaned = TerminalText.sanitized("a\(scalar)b").unicodeScalars
            #expect(!cleaned.contains(scalar))
            #expect(cleaned.count == 3)
        }
    }
}
