/// The forms of names that Kubernetes accepts (`k8s.io/apimachinery/pkg/util/validation`).
enum KubernetesName {
    enum Form: Sendable {
        /// RFC 1123 label: namespaces, Services, and what becomes part of such a name.
        case label
        /// RFC 1123 subdomain: most objects, hosts.
        case subdomain
        case labelKey
        case labelValue

        var pattern: String {
            let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
            let word = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
            switch self {
            case .label: return "^\(label)$"
            case .subdomain: return "^\(label)(\\.\(label))*$"
            case .labelKey: return "^(\(label)(\\.\(label))*/)?\(word)$"
            case .labelValue: return "^(\(word))?$"
            }
        }

        /// What the form allows, to follow "use".
        var rule: String {
            switch self {
            case .label:
                "lower-case letters, digits and `-`, beginning and ending with a letter or digit, "
                    + "at most 63 characters"
            case .subdomain:
                "lower-case letters, digits, `-` and `.`, each part beginning and ending with a "
                    + "letter or digit, at most 253 characters"
            case .labelKey:
                "letters, digits, `-`, `_` and `.`, at most 63 characters, with an optional "
                    + "DNS prefix and a slash before"
            case .labelValue:
                "letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit, "
                    + "at most 63 characters"
            }
        }

        func accepts(_ text: String) -> Bool {
            switch self {
            case .label:
                return text.utf8.count <= 63 && isLabel(text[...])
            case .subdomain:
                return text.utf8.count <= 253
                    && text.split(separator: ".", omittingEmptySubsequences: false)
                        .allSatisfy(isLabel)
            case .labelKey:
                let parts = text.split(
                    separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                guard let word = parts.last, !word.isEmpty else { return false }
                if parts.count == 2, !Form.subdomain.accepts(String(parts[0])) { return false }
                return isWord(word)
            case .labelValue:
                return text.isEmpty || isWord(text[...])
            }
        }
    }

    private static func isLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
            && text.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isWord(_ text: Substring) -> Bool {
        guard text.utf8.count <= 63, let first = text.utf8.first, let last = text.utf8.last
        else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (0x41...0x5A).contains(byte)
    }
}
