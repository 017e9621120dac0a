/// Builds the path and query of a request, percent-encoded.
enum URLPath {
    /// `/api/v1/namespaces/NS/pods[/NAME]`; nil when a name could lead to another object or
    /// collection than was meant: an empty one, or one that servers resolve or split.
    static func collection(
        _ resource: KubernetesResource, namespace: String?, name: String? = nil
    ) -> String? {
        var segments =
            resource.group.isEmpty
            ? ["api", resource.version] : ["apis", resource.group, resource.version]
        if let namespace {
            guard resource.isNamespaced, isUsable(namespace) else { return nil }
            segments += ["namespaces", namespace]
        } else if name != nil, resource.isNamespaced {
            return nil
        }
        segments.append(resource.plural)
        if let name {
            guard isUsable(name) else { return nil }
            segments.append(name)
        }
        return segments.map { "/" + encode($0) }.joined()
    }

    /// The rule of `path.IsValidPathSegmentName` in k8s.io/apimachinery, and not empty.
    private static func isUsable(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !name.contains("%")
    }

    /// `?a=b&c=d`, or nothing; parameters keep their order.
    static func query(_ parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return "" }
        return "?"
            + parameters.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters, as UTF-8.
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
