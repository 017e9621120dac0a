/// Makes a reader's inputs: a file of the corpus with some mutations, all decided by the seed.
package struct InputMaker: Sendable {
    let corpus: [[UInt8]]
    let format: InputFormat
    /// The format's own, and the words of the corpus.
    let tokens: [[UInt8]]

    /// Larger inputs find what grows too fast; most stay small, since small ones are quick.
    static let longest = 1 << 20

    package init(_ corpus: Corpus, format: InputFormat) {
        self.corpus = corpus.entries.map(\.bytes)
        self.format = format
        let words = Set(
            self.corpus.flatMap { $0.split(whereSeparator: Self.separates).map(Array.init) })
        tokens =
            format.tokens.map { Array($0.utf8) }
            + words.filter { (2...40).contains($0.count) }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func separates(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            false
        default: true
        }
    }

    package func input(seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        var bytes = random.element(of: corpus) ?? []
        if random.chance(oneIn: 500) { return hostile(&random) }
        for _ in 0..<(1 + random.below(random.chance(oneIn: 4) ? 12 : 3)) {
            bytes = mutated(bytes, &random)
            if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
        }
        return bytes
    }

    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        switch random.below(10) {
        case 0...3: return StructureMutation(format).apply(to: bytes, &random)
        case 4...6: return LineMutation.apply(to: bytes, &random)
        default:
            let other = random.element(of: corpus) ?? []
            return ByteMutation(tokens: tokens, other: other).apply(to: bytes, &random)
        }
    }

    /// Texts that cost a careless reader minutes, gigabytes or its stack.
    private func hostile(_ random: inout SeededRandom) -> [UInt8] {
        let count = 1 << (4 + random.below(13))
        let openers = [
            "[", "{\"a\":", "- ", "? ", "a: {b: ", "[{", "(", "\\u{", "{{", "\"\\", "!!x ", "&a ",
        ]
        let opener = random.element(of: openers) ?? "["
        switch random.below(5) {
        case 0: return Array(String(repeating: opener, count: count).utf8)
        case 1:
            let closers = ["[": "]", "{\"a\":": "}", "[{": "}]", "(": ")"]
            return Array(
                (String(repeating: opener, count: count) + "1"
                    + String(repeating: closers[opener] ?? "", count: count)).utf8)
        case 2:
            return Array(
                (0..<min(count, 400)).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
                    .utf8)
        case 3: return Self.aliases(levels: 3 + random.below(30), width: 2 + random.below(12))
        default:
            let token = random.element(of: tokens) ?? []
            return Array((0..<count).map { _ in token }.joined().prefix(Self.longest))
        }
    }

    /// A few lines of YAML that stand for `width` to the power of `levels` values.
    private static func aliases(levels: Int, width: Int) -> [UInt8] {
        var text = "a0: &a0 {x: y}\n"
        for level in 1...levels {
            let items = (0..<width).map { _ in "*a\(level - 1)" }.joined(separator: ", ")
            text +=
                level.isMultiple(of: 3)
                ? "a\(level): &a\(level) {<<: [\(items)], k\(level): *a0}\n"
                : "a\(level): &a\(level) [\(items)]\n"
        }
        return Array(text.utf8)
    }
}
