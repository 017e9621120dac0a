/// Networks in CIDR notation, of both families (RFC 4632, RFC 4291).
enum NetworkText {
    static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = number(parts[1], digits: 3) else { return false }
        return isIPv4(parts[0]) ? length <= 32 : isIPv6(parts[0]) && length <= 128
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4
            && octets.allSatisfy { octet in
                (number(octet, digits: 3) ?? 256) <= 255 && (octet == "0" || octet.first != "0")
            }
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text, isEnd: true) == 8
        }
        guard let before = groups(text[..<gap.lowerBound], isEnd: false),
            let after = groups(text[gap.upperBound...], isEnd: true)
        else { return false }
        return before + after <= 7
    }

    /// How many groups of 16 bits the text has, an IPv4 address at the end being two; nil when it has
    /// anything else.
    private static func groups(_ text: Substring, isEnd: Bool) -> Int? {
        guard !text.isEmpty else { return 0 }
        var groups = text.split(separator: ":", omittingEmptySubsequences: false)
        var count = 0
        if isEnd, let last = groups.last, isIPv4(last) {
            groups.removeLast()
            count = 2
        }
        for group in groups {
            guard (1...4).contains(group.utf8.count),
                group.allSatisfy({ $0.isASCII && $0.isHexDigit })
            else { return nil }
            count += 1
        }
        return count
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count <= digits, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return Int(text)
    }
}
