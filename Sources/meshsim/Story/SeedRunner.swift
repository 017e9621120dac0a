import Foundation
import Synchronization

/// Plays seeds; some of them twice, and then the second time has to go exactly as the first.
final class SeedRunner: Sendable {
    struct Verdict: Sendable {
        var seed: UInt64
        var failures: [String]
        var lines: [String]
    }

    private let folder: String
    private let sabotage: Sabotage?
    private let keepsLines: Bool
    private let grounds = Mutex<[Int: Story.Ground]>([:])

    /// One in so many is played twice.
    private static let repeated: UInt64 = 64

    /// - Parameter folder: for state files; made where it is missing.
    init(folder: String, sabotage: Sabotage? = nil, keepsLines: Bool = false) {
        self.folder = folder
        self.sabotage = sabotage
        self.keepsLines = keepsLines
    }

    /// To be called on a thread that nobody else works on meanwhile.
    func verdict(on seed: UInt64) -> Verdict {
        do {
            let first = try play(seed, "1")
            var failures = first.failures
            // One that failed will be played again by somebody who wants to know why.
            guard seed % Self.repeated == 0 || !failures.isEmpty else {
                return Verdict(seed: seed, failures: [], lines: first.lines)
            }
            let second = try play(seed, "2")
            if first.mark != second.mark {
                failures.append(
                    "two runs of it differ: \(first.mark.count) and \(second.mark.count) events"
                        + difference(first.lines, second.lines))
            }
            return Verdict(seed: seed, failures: failures, lines: first.lines)
        } catch {
            return Verdict(seed: seed, failures: ["cannot be played: \(error)"], lines: [])
        }
    }

    private func play(_ seed: UInt64, _ turn: String) throws -> Story.Result {
        var random = SeededRandom(seed: seed)
        let script = StoryScript(&random)
        return try Story.play(
            script, on: try ground(script.variant), random: random,
            folder: "\(folder)/\(seed)-\(turn)", sabotage: sabotage, keepsLines: keepsLines)
    }

    private func difference(_ first: [String], _ second: [String]) -> String {
        guard let place = zip(first, second).enumerated().first(where: { $1.0 != $1.1 }) else {
            return ""
        }
        return "; first at event \(place.offset): \(place.element.0) | \(place.element.1)"
    }

    private func ground(_ number: Int) throws -> Story.Ground {
        if let known = grounds.withLock({ $0[number] }) { return known }
        let variant = StoryVariant(number: number)
        var ground = Story.Ground(variant: variant, cluster: try variant.cluster())
        let calm = try Story.play(
            .calm(number), on: ground, random: SeededRandom(seed: 0),
            folder: "\(folder)/variant-\(number)-\(UInt.random(in: .min ... .max))",
            sabotage: nil, keepsLines: true)
        guard calm.failures.isEmpty else {
            throw Unplayable(
                variant: number, failures: calm.failures, lines: calm.lines)
        }
        ground.desired = calm.image
        grounds.withLock { $0[number] = ground }
        return ground
    }

    /// A variant that does not even go well when nothing goes wrong.
    struct Unplayable: Error, CustomStringConvertible {
        var variant: Int
        var failures: [String]
        var lines: [String]

        var description: String {
            "variant \(variant): \(failures.joined(separator: "; "))\n"
                + lines.suffix(20).joined(separator: "\n")
        }
    }
}
