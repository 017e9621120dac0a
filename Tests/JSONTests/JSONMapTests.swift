import JSON
import Testing

@Suite("Objects whose members have one type")
struct JSONMapTests {
    @Test("hold all members")
    func members() throws {
        let labels = try (["app": "web", "tier": ""] as JSONValue).decoded(as: JSONMap<String>.self)
        #expect(labels.values == ["app": "web", "tier": ""])
        let ports = try (["http": 80] as JSONValue).decoded(as: JSONMap<Int>.self)
        #expect(ports.values == ["http": 80])
    }

    @Test("of several members of other types the first by name is told, and nothing is left out")
    func mistakes() {
        let value: JSONValue = ["c": 1, "a": "x", "b": .null, "e": [], "d": [:]]
        for _ in 0..<20 {
            let error = #expect(throws: DecodingError.self) {
                try value.decoded(as: JSONMap<String>.self)
            }
            guard case .valueNotFound(_, let context) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(context.codingPath.map(\.stringValue) == ["b"])
        }
    }

    @Test("are no text and no list", arguments: ["x", ["x"], 1, .null] as [JSONValue])
    func otherValues(value: JSONValue) {
        #expect(throws: DecodingError.self) { try value.decoded(as: JSONMap<String>.self) }
    }
}
