import Foundation
import Testing

/// Holds an output to the file of this name in `Golden`. `UPDATE_GOLDEN=1` rewrites the file, and fails the
/// test, so that nothing is recorded unseen.
func expectGolden(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        try Data(text.utf8).write(to: file)
        Issue.record(
            "\(name) was rewritten; look at the difference", sourceLocation: sourceLocation)
        return
    }
    let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? "(no such file)"
    #expect(
        text == expected, "\(name) differs; UPDATE_GOLDEN=1 rewrites it",
        sourceLocation: sourceLocation)
}
