/// Writes a document as one line with sorted members (docs/decisions/0012-a-writer-of-canonical-json.md).
///
/// Members are in the order of their names' Unicode values. Numbers are the shortest text that reads back as the same
/// number; a whole one has no point. What JSON has no number for is text: `NaN`, `Infinity`, `-Infinity`.
struct CanonicalJSON {
    private(set) var bytes: [UInt8] = []

    init(_ value: JSONValue) { write(value) }

    private mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .integer(let value): write(String(value))
        case .double(let value): write(value)
        case .string(let value): quote(value)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                quote(member.key)
                bytes.append(UInt8(ascii: ":"))
                write(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ number: Double) {
        if number.isNaN { return quote("NaN") }
        if number.isInfinite { return quote(number < 0 ? "-Infinity" : "Infinity") }
        let text = number.description
        write(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    /// Runs of usual bytes are copied as they are.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            var rest = source
            while let place = rest.firstIndex(where: Self.isUnusual) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<place]))
                escape(rest[place])
                rest = UnsafeBufferPointer(rebasing: rest[(place + 1)...])
            }
            bytes.append(contentsOf: rest)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isUnusual(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case 0x08: write("\\b")
        case 0x0C: write("\\f")
        case 0x0A: write("\\n")
        case 0x0D: write("\\r")
        case 0x09: write("\\t")
        default:
            let hex = Array("0123456789abcdef".utf8)
            write("\\u00")
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 0xF)])
        }
    }
}
