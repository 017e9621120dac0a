/// A range of IP addresses, `10.0.0.0/8` or `fd00::/8`; an address alone is a range of one.
package struct IPRange: Sendable, Hashable {
    private let address: [UInt8]
    private let length: Int

    /// nil for what is no range.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = Self.bytes(of: parts[0]) else {
            return nil
        }
        let bits = address.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length)
        else { return nil }
        self.address = address
        self.length = length
    }

    package func contains(_ text: String) -> Bool {
        guard let other = Self.bytes(of: text[...]), other.count == address.count else {
            return false
        }
        let whole = length / 8
        guard address[..<whole] == other[..<whole] else { return false }
        let rest = length % 8
        return rest == 0 || (address[whole] ^ other[whole]) >> (8 - rest) == 0
    }

    private static func bytes(of text: some StringProtocol) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: some StringProtocol) -> [UInt8]? {
        let halves = String(text).split(
            separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        let groups = halves.map(groups(of:))
        guard let head = groups[0] else { return nil }
        if groups.count == 1 { return head.count == 16 ? head : nil }
        guard let tail = groups[1], head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of `a:b:c`; nil when a group is no hexadecimal number of 16 bits.
    private static func groups(of text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard let value = UInt16(group, radix: 16), bytes.count < 16 else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return bytes
    }
}
