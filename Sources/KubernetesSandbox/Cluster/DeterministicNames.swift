/// UIDs and name suffixes from a seed and a counter: the same sandbox makes the same names again.
struct DeterministicNames: Sendable, Codable, Equatable {
    let seed: UInt64
    private(set) var counter: UInt64 = 0

    init(seed: UInt64) { self.seed = seed }

    /// SplitMix64 (Steele, Lea, Flood 2014) of the seed and the counter.
    private mutating func next() -> UInt64 {
        counter &+= 1
        var word = seed &+ counter &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Shaped as a random (version 4) UUID.
    mutating func uid() -> String {
        let high = (next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        let digits = Self.hex(high) + Self.hex(low)
        let text = Array(digits)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(text[$0]) }
            .joined(separator: "-")
    }

    /// Five letters as Kubernetes' name generator picks them: no vowels, no look-alikes.
    mutating func suffix() -> String { Self.letters(next(), count: 5) }

    /// The digest of a pod template in the letters of a `pod-template-hash`.
    static func templateHash(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return letters(hash, count: 10)
    }

    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    private static func letters(_ word: UInt64, count: Int) -> String {
        var word = word
        var text = ""
        for _ in 0..<count {
            text.append(alphabet[Int(word % UInt64(alphabet.count))])
            word /= UInt64(alphabet.count)
        }
        return text
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
