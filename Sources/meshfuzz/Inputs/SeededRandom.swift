/// SplitMix64 (Steele, Lea and Flood, 2014): equal seeds give equal inputs on every machine.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `count`; 0 where there is none.
    mutating func below(_ count: Int) -> Int {
        count > 1 ? Int(next() % UInt64(count)) : 0
    }

    mutating func chance(oneIn count: Int) -> Bool { below(count) == 0 }

    /// Small numbers often, large ones seldom, at most `most`.
    mutating func size(upTo most: Int) -> Int {
        let bits = below(18)
        return min(most, 1 + below(1 << bits))
    }

    mutating func element<Element>(of list: [Element]) -> Element? {
        list.isEmpty ? nil : list[below(list.count)]
    }

    /// A part of a text of this length; empty for an empty text.
    mutating func range(in count: Int) -> Range<Int> {
        let start = below(count + 1)
        return start..<min(count, start + size(upTo: count))
    }
}
