import Glibc

/// Addresses with a prefix length, of both families.
enum NetworkText {
    static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(parts[1])
        else { return false }
        let address = String(parts[0])
        if isAddress(address, family: AF_INET) { return length <= 32 }
        return isAddress(address, family: AF_INET6) && length <= 128
    }

    private static func isAddress(_ text: String, family: Int32) -> Bool {
        guard !text.utf8.contains(0) else { return false }
        var storage = in6_addr()
        return inet_pton(family, text, &storage) == 1
    }
}
