import Foundation
import MeshModel
import Testing

@Suite("docs/flows.md")
struct FlowReasonTests {
    private func manual() throws -> String {
        try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/flows.md"), encoding: .utf8)
    }

    @Test("every reason has one section with some text, and every section a reason")
    func bothWays() throws {
        var titles: [String] = []
        // The rules of inference are held by a test of their own.
        let chapters = try manual().components(separatedBy: "\n# ").filter {
            !$0.hasPrefix("Where flows come from\n")
        }
        for part in chapters.flatMap({ $0.components(separatedBy: "\n## ").dropFirst() }) {
            let lines = part.split(separator: "\n", maxSplits: 1)
            titles.append(String(lines[0]))
            #expect(lines.count == 2 && lines[1].count > 30, "\(lines[0]) says too little")
        }
        let codes = FlowReason.allCases.map(\.rawValue) + SendReason.allCases.map(\.rawValue)
        #expect(titles.sorted() == codes.sorted())
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil })
    }

    @Test("the tables of injection and ambient reasons, and of outcomes, are complete")
    func tables() throws {
        let text = try manual()
        func rows(_ title: String) -> [String] {
            let section = text.components(separatedBy: "\n# \(title)\n").last ?? ""
            return section.components(separatedBy: "\n# ")[0].split(separator: "\n").compactMap {
                $0.firstMatch(of: /^\| `([a-z-]+)` \|/).map { String($0.1) }
            }
        }
        #expect(rows("Injection").sorted() == InjectionReason.allCases.map(\.rawValue).sorted())
        #expect(rows("Ambient").sorted() == AmbientReason.allCases.map(\.rawValue).sorted())
        #expect(
            rows("Flows").sorted() == (FlowOutcome.allCases.map(\.rawValue) + ["mixed"]).sorted())
    }
}
