package import HTTPTypes

/// One HTTP request to the sandbox's API, already read whole.
package struct SandboxRequest: Sendable {
    package var method: HTTPRequest.Method
    /// The path's segments, percent-decoded.
    package var segments: [String]
    package var query: [(name: String, value: String)]
    package var fields: HTTPFields
    package var body: [UInt8]

    /// `target` is the request line's path with its query.
    package init(
        _ method: HTTPRequest.Method, _ target: String, fields: HTTPFields = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.fields = fields
        self.body = body
        let (path, query) = Self.halves(target.utf8[...], at: "?")
        segments = path.split(separator: UInt8(ascii: "/")).map { Self.decoded($0) }
        self.query = query.split(separator: UInt8(ascii: "&")).map { item in
            let (name, value) = Self.halves(item, at: "=")
            return (Self.decoded(name, plusIsSpace: true), Self.decoded(value, plusIsSpace: true))
        }
    }

    var path: String { "/" + segments.joined(separator: "/") }

    /// The first query parameter of this name; nil when it is absent or empty.
    func parameter(_ name: String) -> String? {
        query.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    func flag(_ name: String) -> Bool {
        parameter(name).map { $0 == "true" || $0 == "1" } ?? false
    }

    /// The media type of the body, without parameters, in lower case.
    var mediaType: String {
        let type = fields[.contentType] ?? ""
        return String(type.prefix { $0 != ";" }).trimmingASCIISpace.lowercased()
    }

    /// Before the first separator and after it; nothing after where there is none.
    private static func halves(
        _ text: Substring.UTF8View, at separator: Unicode.Scalar
    ) -> (Substring.UTF8View, Substring.UTF8View) {
        let place = text.firstIndex(of: UInt8(ascii: separator)) ?? text.endIndex
        return (text[..<place], text[place...].dropFirst())
    }

    private static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmingASCIISpace: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
