import Foundation
import MeshPlanning
import Testing

@Suite("docs/flows.md, where flows come from")
struct FlowInferenceTests {
    @Test("every rule of inference has one section with some text, and every section a rule")
    func bothWays() throws {
        let manual = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "docs/flows.md"), encoding: .utf8)
        let chapter = try #require(
            manual.components(separatedBy: "\n# ").first {
                $0.hasPrefix("Where flows come from\n")
            })
        var titles: [String] = []
        for part in chapter.components(separatedBy: "\n## ").dropFirst() {
            let lines = part.split(separator: "\n", maxSplits: 1)
            titles.append(String(lines[0]))
            #expect(lines.count == 2 && lines[1].count > 60, "\(lines[0]) says too little")
        }
        #expect(titles.sorted() == FlowInference.allCases.map(\.rawValue).sorted())
    }
}
