/// The syntax of names and labels (k8s.io/apimachinery `pkg/util/validation`).
enum Names {
    static func isLabel(_ text: String) -> Bool {
        text.utf8.count <= 63 && isDashed(text[...])
    }

    /// A DNS-1035 label, as a Service wants it: it starts with a letter.
    static func isServiceLabel(_ text: String) -> Bool {
        isLabel(text) && text.utf8.first.map { !isDigit($0) } == true
    }

    static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDashed)
    }

    static func isLabelValue(_ text: String) -> Bool {
        text.isEmpty || (text.utf8.count <= 63 && isQualifiedPart(text[...]))
    }

    static func isLabelKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2, name.utf8.count <= 63 else { return false }
        return isQualifiedPart(name) && (parts.count == 1 || isSubdomain(String(parts[0])))
    }

    private static func isDashed(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, isLower(first), isLower(last) else {
            return false
        }
        return bytes.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isQualifiedPart(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else { return false }
        return bytes.allSatisfy { byte in
            isAlphanumeric(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte)
    }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte) || (0x41...0x5A).contains(byte)
    }

    static let labelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
        + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
        + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    static let serviceLabelRule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        + "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
        + "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    static let subdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
        + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    static let labelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
        + "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
        + "'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    static let labelKeyRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
        + "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
        + "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
}
