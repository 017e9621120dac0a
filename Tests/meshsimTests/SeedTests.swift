import Foundation
import Testing

@testable import meshsim

@Suite("A seed of the simulation")
struct SeedTests {
    /// Plays seeds on a thread of its own, one after another, until `isEnough`.
    private func verdicts(
        _ seeds: ClosedRange<UInt64>, sabotage: Sabotage? = nil, keepsLines: Bool = false,
        until isEnough: @escaping @Sendable (SeedRunner.Verdict) -> Bool = { _ in false }
    ) async -> [SeedRunner.Verdict] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshsim-\(UUID().uuidString)").path
        let runner = SeedRunner(folder: folder, sabotage: sabotage, keepsLines: keepsLines)
        let verdicts: [SeedRunner.Verdict] = await withCheckedContinuation { continuation in
            let thread = Thread {
                var verdicts: [SeedRunner.Verdict] = []
                for seed in seeds {
                    verdicts.append(runner.verdict(on: seed))
                    if isEnough(verdicts[verdicts.count - 1]) { break }
                }
                continuation.resume(returning: verdicts)
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        try? FileManager.default.removeItem(atPath: folder)
        return verdicts
    }

    @Test("passes, and goes the same way twice")
    func passes() async {
        for verdict in await verdicts(1...6) {
            #expect(verdict.failures == [], "seed \(verdict.seed)")
        }
    }

    @Test("is the same story for another runner, and another one for another seed")
    func sameStory() async {
        let first = await verdicts(3...4, keepsLines: true)
        let again = await verdicts(3...3, keepsLines: true)
        #expect(first.count == 2 && again.count == 1)
        #expect(first.first?.lines == again.first?.lines)
        #expect(first.first?.lines.isEmpty == false && first.first?.lines != first.last?.lines)
    }

    @Test("fails once what keeps runs safe is broken", arguments: Sabotage.allCases)
    func teeth(sabotage: Sabotage) async {
        let verdicts = await verdicts(1...60, sabotage: sabotage) { !$0.failures.isEmpty }
        #expect(verdicts.last?.failures.isEmpty == false)
    }
}
