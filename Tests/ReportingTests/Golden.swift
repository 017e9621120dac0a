import Foundation
import Testing

/// Holds an output to the file of this name beside the tests. `UPDATE_GOLDEN=1` rewrites the file, and
/// fails the test, so that nothing is recorded unseen.
func expectGolden(
    _ output: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        try Data(output.utf8).write(to: file)
        Issue.record(
            "\(name) was rewritten; look at the difference", sourceLocation: sourceLocation)
        return
    }
    let data = try? Data(contentsOf: file)
    let expected = data.map { String(decoding: $0, as: UTF8.self) } ?? "(there is no such file)"
    guard output != expected else { return }
    Issue.record(
        "\(name) differs; UPDATE_GOLDEN=1 rewrites it. Now:\n\(output)",
        sourceLocation: sourceLocation)
}
