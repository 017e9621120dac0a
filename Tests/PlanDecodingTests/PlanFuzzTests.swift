import Diagnostics
import PlanDecoding
import Testing

@Suite struct PlanFuzzTests {
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces =
        [
            "{", "}", "[", "]", ":", ",", "- ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "!!int ",
            "\"",
            "'", "#", "|", "\u{0}", "🙂", "-1", "99999999999999999999", "0x", "~", "null", "true",
            "1e9",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3]]

    @Test(
        "no change of a plan file crashes the decoder", .timeLimit(.minutes(5)), arguments: 0..<20)
    func mutations(seed: UInt64) {
        var random = Seeded(state: seed)
        let lines = fullPlan.split(separator: "\n", omittingEmptySubsequences: false)
        for _ in 0..<25 {
            var mixed = lines
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let line = lines.randomElement(using: &random) ?? ""
                mixed.insert(line, at: Int.random(in: 0...mixed.count, using: &random))
                mixed.remove(at: Int.random(in: 0..<mixed.count, using: &random))
            }
            var bytes = Array(mixed.joined(separator: "\n").utf8)
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0..<6, using: &random))
                bytes.replaceSubrange(
                    start..<end, with: Self.pieces.randomElement(using: &random) ?? [])
            }
            let result = PlanFileDecoder.decode(bytes, name: "plan.yaml")
            #expect((result.plan == nil) == result.diagnostics.hasErrors)
            #expect(result.diagnostics.allSatisfy { $0.range?.file == "plan.yaml" })
        }
    }
}
