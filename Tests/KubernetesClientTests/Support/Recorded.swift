import Foundation
import JSON
import Testing

/// An exchange as a real API server (v1.36.2) answered it, with our own names in it.
struct Recorded: Sendable, CustomTestStringConvertible {
    let name: String
    let method: String
    let path: String
    let status: Int
    /// A text stands for itself, a list for the events of a watch, anything else for a JSON document.
    let body: JSONValue

    var testDescription: String { name }

    var bytes: [UInt8] {
        switch body {
        case .string(let text): Array(text.utf8)
        case .array(let events):
            events.flatMap { $0.canonicalBytes + [UInt8(ascii: "\n")] }
        default: body.canonicalBytes
        }
    }

    static let refusals = read("refusals")
    static let answers = read("answers")

    private static func read(_ name: String) -> [Recorded] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/\(name).json")
        guard let data = try? Data(contentsOf: file),
            let entries = try? JSONValue(parsing: Array(data)).array
        else { return [] }
        return entries.compactMap { entry in
            guard let name = entry["name"]?.string, let method = entry["method"]?.string,
                let path = entry["path"]?.string, let status = entry["status"]?.integer,
                let body = entry["body"]
            else { return nil }
            return Recorded(
                name: name, method: method, path: path, status: Int(status), body: body)
        }
    }
}
