import Diagnostics
import JSON
import Testing
import YAML

@Suite struct YAMLFuzzTests {
    private static let sample = Array(
        """
        %YAML 1.1
        ---
        base: &base {a: 1, "b": [x, 'y']}
        merged: {<<: *base, c: !!int "3"}
        block: |
          text
          more
        ? complex
        : - one
          - two: >-
              folded
        """.utf8)

    private static let pieces =
        Array("{}[]:,-?*&!|>'\"%@#\n\t \\ab1\u{FEFF}é".utf8) + [0, 0x80, 0xFF]

    @Test("no bytes crash the reader", .timeLimit(.minutes(5)), arguments: 0..<20)
    func bytes(seed: Int) {
        var random = Seeded(seed)
        for _ in 0..<200 {
            var bytes = Bool.random(using: &random) ? Self.sample : []
            for _ in 0..<Int.random(in: 1..<40, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let byte =
                    Bool.random(using: &random)
                    ? Self.pieces.randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0...255, using: &random)
                if place < bytes.count, Bool.random(using: &random) {
                    bytes[place] = byte
                } else {
                    bytes.insert(byte, at: place)
                }
            }
            do {
                for document in try YAMLReader.documents(in: bytes, name: "a.yaml") {
                    // What was accepted can be written and read again.
                    let json = document.json()
                    let text = YAMLWriter.text(json)
                    let again = try YAMLReader.documents(in: Array(text.utf8), name: "b.yaml")
                    #expect(again.first?.json() ?? .null == json)
                }
            } catch {
                #expect(!error.diagnostics.isEmpty)
                #expect(error.diagnostics.allSatisfy { $0.range != nil && $0.severity == .error })
            }
        }
    }
}
