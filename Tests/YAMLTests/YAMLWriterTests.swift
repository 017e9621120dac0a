import JSON
import Testing
import YAML

@Suite struct YAMLWriterTests {
    @Test("objects are written as kubectl writes them")
    func object() {
        let value: JSONValue = [
            "spec": [
                "mtls": ["mode": "STRICT"], "selector": ["matchLabels": ["app": "web"]],
                "portLevelMtls": ["3000": ["mode": "PERMISSIVE"]],
            ],
            "kind": "PeerAuthentication", "apiVersion": "security.istio.io/v1",
            "metadata": [
                "name": "default", "labels": [:],
                "finalizers": ["a.b/c", ["x", ["z"]], ["name": "n", "value": ["deep": []]]],
            ],
            "status": .null, "note": "first\n\nsecond\n",
        ]
        #expect(
            YAMLWriter.text(value) == """
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata:
                  finalizers:
                  - a.b/c
                  - - x
                    - - z
                  - name: "n"
                    value:
                      deep: []
                  labels: {}
                  name: default
                spec:
                  mtls:
                    mode: STRICT
                  portLevelMtls:
                    "3000":
                      mode: PERMISSIVE
                  selector:
                    matchLabels:
                      app: web
                status: null
                note: |
                  first

                  second

                """)
    }

    @Test(
        "texts that would be read as something else are quoted",
        arguments: [
            "", "true", "No", "on", "null", "~", "3", "-1.5", "0x1F", "1_0", "2027-03-31", "12:30",
            "1.2.3", ".inf", "<<", "=", "- a", "a: b", "a #b", "#a", "*a", "&a", "!a", "%a", "@a",
            "`a", "[a", "{a", " a", "a ", "a:", "---", "...", "?", "|", ">", "'", "\"", "a\tb",
            "\u{7F}",
        ])
    func quoted(text: String) {
        let written = YAMLWriter.text(["key": .string(text)])
        #expect(written.hasPrefix("key: \"") && written.hasSuffix("\"\n"))
    }

    @Test(
        "ordinary texts are not quoted",
        arguments: [
            "web", "nginx:1.25", "default/curl", "http://a.b:80/c?d".filter { $0 != "?" }, "1Gi",
            "browsers reach the NodePort", "app.kubernetes.io/name", "a,b", "STRICT",
        ])
    func plain(text: String) {
        #expect(YAMLWriter.text(["key": .string(text)]) == "key: \(text)\n")
    }

    @Test("control characters and characters that turn the text are escaped")
    func escapes() {
        #expect(
            YAMLWriter.text(.string("a\u{0}\u{1B}\u{202E}\u{10FFFF}\"\\"))
                == #""a\x00\x1B\u202E\U0010FFFF\"\\""# + "\n")
    }

    @Test("no line is what a CI system takes for a command")
    func commands() throws {
        for text in ["a\n::error::b\n", "a\n##[error]b\n", "a ##[error]b", "::error::b"] {
            let written = YAMLWriter.text(["k": .string(text)])
            #expect(!written.contains("##") && !written.contains("\n  ::"))
            #expect(written.split(separator: "\n").count == 1)
            #expect(try document(written).json() == ["k": .string(text)])
        }
    }

    @Test("reading back gives the same value", arguments: 0..<300)
    func roundTrip(seed: Int) throws {
        var random = Seeded(seed)
        let value = RandomJSON.value(depth: 4, using: &random)
        let text = YAMLWriter.text(value)
        let bytes = Array(text.utf8)
        let documents = try YAMLReader.documents(in: bytes, name: "a.yaml")
        #expect((documents.first?.json() ?? .null) == value, "\(text)")
        #expect(documents.count <= 1)
    }

    @Test(
        "texts of several lines are read back as they were",
        arguments: [
            "a\nb", "a\nb\n", "a\n\nb\n", "a\n  b\n", "  a\nb\n", "\ta\nb", "a\n\tb", "\na\n",
            "a\n\n",
            "\n", "\n\n", "a\n ", "a \nb", "# a\n# b", "a: b\nc: d\n", "- a\n- b", "---\n...\n",
            "a\r\nb", "a\u{85}b\n", "a\u{2028}\nb", "a\n\u{0}",
        ])
    func lines(text: String) throws {
        for value in [["k": .string(text)], [.string(text), 1], .string(text)] as [JSONValue] {
            #expect(try document(YAMLWriter.text(value)).json() == value)
        }
    }

    @Test(
        "keys too long for a simple key are read back",
        arguments: [999, 1000, 1001, 1023, 1024, 5000])
    func longKeys(length: Int) throws {
        let key = String(repeating: "k", count: length)
        let value: JSONValue = [key: ["a": [1, [key: "b"]]], "z": [[key: [[1]]]]]
        #expect(try document(YAMLWriter.text(value)).json() == value)
    }
}

/// Values whose texts are picked to be misread.
enum RandomJSON {
    static func value(depth: Int, using random: inout Seeded) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2:
            let shift = UInt64.random(in: 0...63, using: &random)
            return .integer(Int64(bitPattern: random.next() >> shift))
        case 3: return .double(double(using: &random))
        case 4, 5: return .string(text(using: &random))
        case 6:
            let count = Int.random(in: 0..<4, using: &random)
            return .array((0..<count).map { _ in value(depth: depth - 1, using: &random) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                members[text(using: &random)] = value(depth: depth - 1, using: &random)
            }
            return .object(members)
        }
    }

    private static func double(using random: inout Seeded) -> Double {
        let wild = Double(bitPattern: random.next())
        return Bool.random(using: &random) && wild.isFinite
            ? wild : Double(Int.random(in: -9...9, using: &random)) / 4
    }

    private static let pieces = [
        "a", "B", "0", "7", "-", "_", ".", ":", ": ", " ", "  ", "#", " #", "\n", "\n\n", "\t",
        "\r",
        "\r\n", "'", "\"", "\\", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`",
        "?",
        "=", "<<", "~", "true", "no", "null", "1e3", "0x1", "---", "...", "\u{0}", "\u{1B}[31m",
        "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFE}", "\u{202E}", "é", "e\u{301}", "🙂",
        "\u{10FFFF}",
    ]

    private static func text(using random: inout Seeded) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<6, using: &random) {
            text += pieces.randomElement(using: &random) ?? ""
        }
        return text
    }
}
