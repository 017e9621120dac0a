import Diagnostics
import Foundation
import Testing

@Suite struct DiagnosticCodeTests {
    /// The manual, found from this file: tests run from the package.
    private static let manual = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/diagnostics.md")

    /// The text of each `## code` section.
    private func sections() throws -> [String: String] {
        let text = try String(contentsOf: Self.manual, encoding: .utf8)
        var sections: [String: String] = [:]
        for part in text.components(separatedBy: "\n## ").dropFirst() {
            let lines = part.split(separator: "\n", maxSplits: 1)
            let title = String(lines[0])
            #expect(sections[title] == nil, "\(title) stands twice")
            sections[title] = lines.count > 1 ? String(lines[1]) : ""
        }
        return sections
    }

    @Test("every code has a section in the manual, and every section a code")
    func bothWays() throws {
        let documented = try Set(sections().keys)
        let codes = Set(DiagnosticCode.allCases.map(\.rawValue))
        #expect(codes.subtracting(documented).sorted() == [])
        #expect(documented.subtracting(codes).sorted() == [])
    }

    @Test("every section says something")
    func notEmpty() throws {
        for (title, text) in try sections() {
            #expect(text.count > 80, "\(title) says too little")
        }
    }

    @Test("codes are kebab-case")
    func kebabCase() {
        for code in DiagnosticCode.allCases {
            #expect(code.rawValue.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
        }
    }
}
