/// Labels, annotations, selectors.
///
/// Of several values that are no text always the first by name is told: `[String: String]` tells any of them, and the
/// same manifest would be refused for one reason now and for another the next time.
struct StringMap: Decodable {
    let values: [String: String]

    init(from decoder: any Decoder) throws {
        do {
            values = try decoder.singleValueContainer().decode([String: String].self)
        } catch {
            guard let container = try? decoder.container(keyedBy: Key.self) else { throw error }
            for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                _ = try container.decode(String.self, forKey: key)
            }
            throw error
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
