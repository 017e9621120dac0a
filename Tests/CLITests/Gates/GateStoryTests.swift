import MeshModel
import Testing

/// What a person reads of each gate, to the letter, when it passes, fails, and cannot be judged.
@Suite("The story of each gate")
struct GateStoryTests {
    @Test("is told to the letter", arguments: GateStory.all)
    func told(story: GateStory) async throws {
        let text = try await story.tell()
        let sign =
            switch story.outcome {
            case .pass: "✓"
            case .fail: "×"
            case .inconclusive: "?"
            }
        #expect(text.contains(sign))
        // A command of several lines could not be copied.
        #expect(!text.contains("␊"))
        try expectGolden(text, "gates/\(story.name).txt")
    }

    @Test("is told for each verdict of every gate")
    func complete() {
        let told = Set(GateStory.all.map { [$0.gate.rawValue, $0.outcome.rawValue] })
        for gate in Gate.allCases {
            for outcome in GateStory.Outcome.allCases {
                #expect(told.contains([gate.rawValue, outcome.rawValue]), "\(gate) \(outcome)")
            }
        }
        #expect(Set(GateStory.all.map(\.name)).count == GateStory.all.count)
    }
}
