import Foundation
import Diagnostics
import JSON
import Testing

@testable import PlanDecoding

@Suite struct PlanFileManualTests {
    private static let manual = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/plan-file.md")

    /// The keys in the table of each `## path` section.
    private func documented() throws -> [String: Set<String>] {
        let text = try String(contentsOf: Self.manual, encoding: .utf8)
        var keys: [String: Set<String>] = [:]
        for section in text.components(separatedBy: "\n## ").dropFirst() {
            let lines = section.split(separator: "\n").map(String.init)
            keys[lines[0]] = Set(
                lines.compactMap { $0.firstMatch(of: /^\| `([A-Za-z-]+)` \|/).map { String($0.1) } }
            )
        }
        return keys
    }

    /// The keys of each mapping in the schema.
    private func described(
        _ schema: JSONValue, at path: String, into keys: inout [String: Set<String>]
    ) {
        for (name, property) in schema["properties"]?.object ?? [:] {
            keys[path, default: []].insert(name)
            described(
                property, at: path == "the file" ? name : "\(path).\(name)", into: &keys)
        }
        if let items = schema["items"] { described(items, at: path + "[]", into: &keys) }
        for option in schema["oneOf"]?.array ?? [] { described(option, at: path, into: &keys) }
    }

    @Test("the manual has every key of the format, and no other")
    func sameKeys() throws {
        var expected: [String: Set<String>] = [:]
        described(PlanFileSchema.json(), at: "the file", into: &expected)
        #expect(try documented() == expected)
    }

    @Test("the manual's example is a plan without mistakes")
    func example() throws {
        let text = try String(contentsOf: Self.manual, encoding: .utf8)
        let example = try #require(text.components(separatedBy: "```yaml\n").dropFirst().first)
        let result = decode(String(example.components(separatedBy: "```")[0]))
        #expect(result.diagnostics == [])
        #expect(result.plan != nil)
    }
}
