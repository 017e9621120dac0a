import Foundation

extension JSONValue {
    /// Reads one JSON document, nested up to 512 levels. Its time is in proportion to its length, however deep it is:
    /// `JSONDecoder` takes ten times as long at a depth of a hundred.
    ///
    /// - Throws: `DecodingError` for anything that is not JSON.
    package init(parsing bytes: [UInt8]) throws {
        let document: Any
        do {
            document = try JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            let words = (error as NSError).userInfo["NSDebugDescription"] as? String
            throw Self.notJSON(words.map(Self.withoutNumber) ?? "The data is not JSON.")
        }
        try self.init(converting: document)
    }

    private init(converting value: Any) throws {
        switch value {
        case let text as String: self = .string(text)
        case let members as [String: Any]:
            self = .object(try members.mapValues(JSONValue.init(converting:)))
        case let elements as [Any]: self = .array(try elements.map(JSONValue.init(converting:)))
        case let number as NSNumber: self = Self.number(number)
        case is NSNull: self = .null
        default: throw Self.notJSON("A value is of no type of JSON's.")
        }
    }

    /// Whole numbers are integers, however they are written: `1.0` is 1.
    private static func number(_ number: NSNumber) -> JSONValue {
        // Nothing but the letter of its C type tells a boolean from a number.
        if ["c", "B"].contains(String(cString: number.objCType)) { return .bool(number.boolValue) }
        // Numbers of many digits come as decimals, whose own conversion to a double loses the last one.
        if let decimal = number as? NSDecimalNumber {
            let text = decimal.description
            if let integer = Int64(text) { return .integer(integer) }
            return whole(Double(text) ?? decimal.doubleValue)
        }
        return Int64(exactly: number).map(JSONValue.integer) ?? whole(number.doubleValue)
    }

    private static func whole(_ number: Double) -> JSONValue {
        Int64(exactly: number).map(JSONValue.integer) ?? .double(number)
    }

    /// Of several numbers that are too large the parser names now this one, now that: its members have no order.
    private static func withoutNumber(_ words: String) -> String {
        words.hasSuffix("is not representable in Swift.")
            ? "A number is beyond what 64 bits hold." : words
    }

    private static func notJSON(_ words: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: words))
    }
}
