import Foundation

extension JSONValue: Codable {
    /// Strings first: they are the most, and each wrong guess is an error thrown.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(String.self) {
            self = .string(value)
            return
        }
        if let container = try? decoder.container(keyedBy: AnyKey.self) {
            self = .object(try container.members())
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
            self = .array(elements)
            return
        }
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else {
            do {
                self = .double(try container.decode(Double.self))
            } catch DecodingError.typeMismatch {
                // An object or a text that could not be taken for one, as with a wrong escape in it.
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "The value is not valid JSON.")
            }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var container = encoder.container(keyedBy: AnyKey.self)
            for (key, value) in members { try container.encode(value, forKey: AnyKey(key)) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .integer(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .double(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .string(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }

    /// Any encodable value as a document.
    package init(encoding value: some Encodable) throws {
        try self.init(parsing: Array(JSONEncoder().encode(value)))
    }

    /// The document decoded as `type`. Throws `DecodingError` where it does not fit.
    package func decoded<T: Decodable>(as type: T.Type) throws -> T {
        try JSONDecoder().decode(type, from: Data(canonicalBytes))
    }

    /// One line, members sorted by name: equal documents give equal bytes.
    package var canonicalBytes: [UInt8] { CanonicalJSON(self).bytes }

    package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// For people: two spaces of indentation, members sorted by name.
    package var prettyText: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        // A tree of these cases always encodes: the only refusable value, a non-finite double, is mapped above.
        guard let data = try? encoder.encode(self) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}
