/// Finds where bytes stop being UTF-8, which the standard library's decoders do not tell.
enum UTF8Check {
    /// The offset of the first byte that no UTF-8 text has at its place (RFC 3629, table 3-7 of Unicode).
    static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            guard let (length, second) = shape(lead) else { return index }
            if length > 1 {
                guard index + length <= bytes.count, second.contains(bytes[index + 1]) else {
                    return index
                }
                for following in bytes[(index + 2)..<(index + length)]
                where !(0x80...0xBF).contains(following) {
                    return index
                }
            }
            index += length
        }
        return nil
    }

    /// How long a sequence with this first byte is, and what its second byte may be.
    private static func shape(_ lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch lead {
        case 0x00...0x7F: (1, 0x80...0xBF)
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
