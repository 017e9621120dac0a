import Testing

@Suite("Reading source files for the architecture tests")
struct SourceFileTests {
    private func file(_ code: String) -> SourceFile {
        SourceFile(path: "A.swift", code: withoutComments(code))
    }

    @Test("imports are found with their modifiers, and not in comments")
    func imports() {
        let code = """
            import A
            package import B
            @testable import C
            @preconcurrency internal import D
            import struct E.Thing
            // import F
            /* import G
               /* import H */ import I */
            let important = "import J"
            """
        #expect(file(code).imports == ["A", "B", "C", "D", "E"])
    }

    @Test("a token counts as a word of its own, outside comments")
    func tokens() {
        let code = """
            let a = Date()
            let b = CalendarDate()
            // Date()
            let c = "https://example.com" + Date()
            let d = fingerprint(1)
            let e = Int.random(in: 1...2)
            """
        #expect(file(code).lines(with: "Date()") == [1, 4])
        #expect(file(code).lines(with: "print(") == [])
        #expect(file(code).lines(with: ".random(") == [6])
    }
}
