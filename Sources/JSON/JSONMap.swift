/// A JSON object whose members all have one type, as labels, annotations and selectors do.
///
/// Of several members that do not fit always the first by name is told: `[String: Value]` tells any of them, and the
/// same manifest would be refused for one reason now and for another the next time.
package struct JSONMap<Value: Decodable>: Decodable {
    package let values: [String: Value]

    package init(from decoder: any Decoder) throws {
        do {
            values = try decoder.singleValueContainer().decode([String: Value].self)
        } catch {
            values = try decoder.container(keyedBy: AnyKey.self).members()
        }
    }
}

extension JSONMap: Sendable where Value: Sendable {}

extension KeyedDecodingContainer<AnyKey> {
    /// All members; the keys come in no order, and of several mistakes always the same one is told.
    func members<Value: Decodable>() throws -> [String: Value] {
        let keys = allKeys
        var members: [String: Value] = [:]
        members.reserveCapacity(keys.count)
        var mistake: (key: String, error: any Error)?
        for key in keys {
            do {
                members[key.stringValue] = try decode(Value.self, forKey: key)
            } catch {
                if mistake.map({ key.stringValue < $0.key }) ?? true {
                    mistake = (key.stringValue, error)
                }
            }
        }
        if let mistake { throw mistake.error }
        return members
    }
}

/// The name of any member.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
