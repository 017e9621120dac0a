import Diagnostics
import JSON
import Testing
import YAML

@Suite struct YAMLReaderTests {
    @Test("every scalar and key carries the range of its text")
    func ranges() throws {
        let text = """
            # a comment
            straße: "quoted 🙂" # tail
            list: [one, {deep: 'two'}]
            more:
              - plain text   # tail
            """
        guard case .mapping(let root) = try document(text) else {
            Issue.record("not a mapping")
            return
        }
        #expect(root.entries.map { covered($0.key.range, in: text) } == ["straße", "list", "more"])
        #expect(covered(root["straße"]?.range, in: text) == "\"quoted 🙂\"")
        #expect(covered(root["list"]?.range, in: text) == "[one, {deep: 'two'}]")
        guard case .sequence(let list) = root["list"], case .sequence(let more) = root["more"]
        else {
            Issue.record("not lists")
            return
        }
        #expect(covered(list.items.first?.range, in: text) == "one")
        #expect(covered(list.items.last?.range, in: text) == "{deep: 'two'}")
        #expect(covered(more.items.first?.range, in: text) == "plain text")
        #expect(more.range.end == more.items.first?.range.end)
        #expect(root.range.end == more.range.end)
    }

    @Test("an alias ends where it is written, and its node keeps the anchor's place")
    func aliasRange() throws {
        let text = "a: &x value\nb: [*x]\nc: *x"
        guard case .mapping(let root) = try document(text) else {
            Issue.record("not a mapping")
            return
        }
        #expect(root["c"]?.range == root["a"]?.range)
        #expect(covered(root["b"]?.range, in: text) == "[*x]")
        #expect(root.range.end == SourcePosition(line: 3, column: 6))
    }

    @Test("documents with nothing in them are left out")
    func emptyDocuments() throws {
        let source = SourceText(name: "a.yaml", text: "---\n# nothing\n---\na: 1\n---\n...\n")
        #expect(try YAMLReader.documents(in: source).map { $0.json() } == [["a": 1]])
        #expect(try YAMLReader.documents(in: SourceText(name: "a", text: "")).isEmpty)
    }

    @Test("a byte order mark is no part of the text")
    func byteOrderMark() throws {
        let text = "\u{FEFF}mtls: 1"
        guard case .mapping(let root) = try document(text) else {
            Issue.record("not a mapping")
            return
        }
        #expect(root.entries.first?.key.text == "mtls")
        #expect(root.range.start == SourcePosition(line: 1, column: 1))
    }

    @Test("a key that stands twice is an error that names both places")
    func duplicateKey() throws {
        let text = "a:\n  x: 1\n  y: 2\n  \"x\": 3\nb: {c: 1, c: 2}\n"
        let found = mistakes(text)
        #expect(found.map(\.code) == [.duplicateKey, .duplicateKey])
        #expect(covered(found.first?.range, in: text) == "\"x\"")
        #expect(found.first?.detail.contains("line 2, column 3") == true)
        #expect(found.last?.range?.start.line == 5)
    }

    @Test("syntax errors say where, and what came before")
    func syntax() throws {
        let unclosed = mistakes("a: [1, 2\nb: 3\n")
        #expect(unclosed.map(\.code) == [.yamlSyntax])
        #expect(unclosed.first?.range?.start.line == 2)
        #expect(unclosed.first?.detail.contains("line 1") == true)
        let tab = mistakes("a:\n\tb: 1\n")
        #expect(tab.first?.detail.contains("tabs") == true)
        #expect(tab.first?.range?.start == SourcePosition(line: 2, column: 1))
    }

    @Test("mistakes found before a syntax error are reported with it")
    func mistakesBeforeSyntaxError() {
        #expect(mistakes("a: 1\na: 2\nb: [").map(\.code) == [.duplicateKey, .yamlSyntax])
    }

    @Test("an alias without its anchor is an error", arguments: ["a: *x", "a: &x [*x]"])
    func undefinedAlias(text: String) {
        let found = mistakes(text)
        #expect(found.map(\.code) == [.yamlSyntax])
        #expect(covered(found.first?.range, in: text) == "*x")
    }

    @Test("anchors do not reach into the next document")
    func anchorsEnd() {
        #expect(mistakes("--- &x 1\n--- [*x]\n").map(\.code) == [.yamlSyntax])
    }

    @Test(
        "a key that is a list or a mapping is an error",
        arguments: ["[1]: 2", "{a: 1}: 2", "? - a\n: 2"])
    func collectionKey(text: String) {
        #expect(mistakes(text).map(\.code) == [.yamlSyntax])
    }

    @Test("a tag that its text contradicts is an error")
    func wrongTag() {
        let text = "a: !!int abc"
        let found = mistakes(text)
        #expect(found.map(\.message) == ["`abc` is not what its tag `!!int` says"])
    }

    @Test("bytes that are not UTF-8 are refused with their place")
    func invalidUTF8() {
        let found = mistakes(Array("a: 1\nü: ".utf8) + [0xC3, 0x28])
        #expect(found.map(\.message) == ["the text is not UTF-8"])
        #expect(found.first?.range?.start == SourcePosition(line: 2, column: 4))
    }

    @Test(
        "sequences that no UTF-8 text holds are found",
        arguments: [
            [0x80], [0xC0, 0x80], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(mistakes(Array("a: ".utf8) + bytes).first?.range?.start.column == 4)
    }

    @Test("NUL and other control characters are refused with their place", arguments: [0, 7, 27])
    func controlCharacters(code: UInt8) {
        let found = mistakes(Array("a: 1\nä: ".utf8) + [code, 0x0A])
        #expect(found.map(\.code) == [.yamlSyntax])
        #expect(found.first?.message.contains("U+00") == true)
        #expect(found.first?.range?.start == SourcePosition(line: 2, column: 4))
    }
}

@Suite struct YAMLMergeTests {
    @Test("merge keys bring what the mapping does not set itself")
    func merge() throws {
        let text = """
            base: &base {a: 1, b: 2}
            other: &other {b: 3, c: 4}
            one: {b: 9, <<: *base}
            many:
              <<: [*base, *other]
              d: 5
            """
        let json = try document(text).json()
        #expect(json["one"] == ["a": 1, "b": 9])
        #expect(json["many"] == ["a": 1, "b": 2, "c": 4, "d": 5])
    }

    @Test("a quoted << is an ordinary key, and merging anything but mappings is an error")
    func notMerge() throws {
        #expect(try document("'<<': 1").json() == ["<<": 1])
        #expect(mistakes("<<: 1").map(\.code) == [.yamlSyntax])
        #expect(mistakes("<<: [{a: 1}, 2]").map(\.code) == [.yamlSyntax])
        #expect(mistakes("a: &a {}\nb: {<<: *a, <<: *a}").map(\.code) == [.duplicateKey])
    }
}

@Suite struct YAMLLimitsTests {
    @Test("aliases of aliases fail fast", .timeLimit(.minutes(5)))
    func billionLaughs() {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...40 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) ["
            text += Array(repeating: alias, count: 9).joined(separator: ", ") + "]\n"
        }
        let found = mistakes(text)
        #expect(found.map(\.code) == [.yamlTooComplex])
        #expect(found.first?.message.contains("aliases") == true)
    }

    @Test("merge keys of merge keys fail fast", .timeLimit(.minutes(5)))
    func mergeBomb() {
        var text = "a0: &a0 {" + (0..<100).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
        for level in 1...40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) {<<: [\(aliases)]}\n"
        }
        #expect(mistakes(text).map(\.code) == [.yamlTooComplex])
    }

    @Test("nesting is bounded in every style", arguments: ["[", "{a: ", "- ", "? "])
    func depth(opening: String) {
        let text = String(repeating: opening, count: 200_000)
        #expect(mistakes(text).map(\.code) == [.yamlTooComplex])
    }

    @Test("nesting up to the limit is read")
    func allowedDepth() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        _ = try document(deep)
        #expect(mistakes("[\(deep)]").map(\.code) == [.yamlTooComplex])
    }

    @Test("size and number of values are bounded")
    func size() {
        let limits = YAMLLimits(depth: 10, nodes: 5, aliasedNodes: 5, bytes: 20)
        #expect(mistakes("[1, 2, 3, 4]", limits: limits).isEmpty)
        #expect(mistakes("[1, 2, 3, 4, 5]", limits: limits).map(\.code) == [.yamlTooComplex])
        #expect(mistakes("[1, 2,         3, 4]", limits: limits).isEmpty)
        #expect(mistakes("[1, 2,          3, 4]", limits: limits).map(\.code) == [.yamlTooComplex])
    }

    @Test("tag directives are bounded", .timeLimit(.minutes(5)))
    func directives() {
        let text = (0..<100_000).map { "%TAG !a\($0)! b\n" }.joined()
        #expect(mistakes(text).map(\.code) == [.yamlTooComplex])
    }

    @Test("a file full of mistakes gives up after a hundred")
    func manyMistakes() {
        let text = String(repeating: "a: 1\n", count: 10_000)
        #expect(mistakes(text).count == 100)
    }
}
