import Foundation
import Testing

@testable import Reporting

@Suite("The pages of the manual in the binary")
struct ManualPageTests {
    /// The Swift file of each page, which holds its text word for word.
    private static let files = [
        "docs/diagnostics.md": "DiagnosticsPage", "docs/flows.md": "FlowsPage",
        "docs/errors.md": "ErrorsPage",
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// `UPDATE_GOLDEN=1` rewrites the Swift file from the page, and fails the test.
    @Test("each page is embedded word for word", arguments: ManualPage.all.map(\.name))
    func embedded(name: String) throws {
        let page = try #require(ManualPage.all.first { $0.name == name })
        let text = try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
        let type = try #require(Self.files[name])
        let file = Self.root.appending(path: "Sources/Reporting/Manual/\(type).swift")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(Self.source(of: text, name: name, type: type).utf8).write(to: file)
            Issue.record("\(type).swift was rewritten; look at the difference")
            return
        }
        #expect(page.text == text, "\(name) changed; UPDATE_GOLDEN=1 rewrites \(type).swift")
    }

    /// A raw string with more number signs than any that the text could end or interpolate with.
    private static func source(of text: String, name: String, type: String) -> String {
        var signs = "#"
        while text.contains("\"\"\"" + signs) || text.contains("\\" + signs) { signs += "#" }
        let margin = String(repeating: " ", count: 8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
        return """
            /// `\(name)` word for word; `UPDATE_GOLDEN=1 swift test --filter ManualPageTests` rewrites it.
            enum \(type) {
                static let text = \(signs)\"""
            \(lines)
                    \"""\(signs)
            }

            """
    }

    @Test("a page is divided into its sections, each with its chapter, texts and body")
    func sections() throws {
        let page = ManualPage(
            name: "docs/errors.md",
            text: """
                # Errors

                Of all kinds.

                # Envoy

                ## 503 UC

                - `503 UC`
                - `termination`, `reset`

                **Cause.** One.

                - `not a text`

                ## Other
                Two.
                """)
        #expect(page.sections.map(\.title) == ["503 UC", "Other"])
        let first = try #require(page.sections.first)
        #expect(first.chapter == "Envoy")
        #expect(first.texts == ["503 UC", "termination", "reset"])
        #expect(first.body == ["**Cause.** One.", "", "- `not a text`"])
        #expect(page.sections.last?.body == ["Two."])
    }

    @Test("every section of every page says something, and of the errors cause and fix")
    func complete() {
        for page in ManualPage.all {
            #expect(page.sections.count > 10)
            for section in page.sections {
                #expect(
                    section.body.joined().count > 20, "\(page.name): \(section.title) is empty")
                guard page.name == "docs/errors.md" else { continue }
                #expect(!section.texts.isEmpty, "\(section.title) has no texts")
                let body = section.body.joined(separator: "\n")
                for part in ["**Cause.**", "**Fix.**"] {
                    #expect(body.contains(part), "\(section.title) has no \(part)")
                }
            }
        }
    }
}
