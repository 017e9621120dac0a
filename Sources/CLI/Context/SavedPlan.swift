import Diagnostics
import Foundation
import JSON
import KubernetesClient
import MeshModel
package import MeshPlanning
import Reporting
package import Timing

/// The file that `plan --out` writes: a rollout that was approved, bound to its cluster.
///
/// It carries the plan file's text. Planning is deterministic, so it is still what was approved exactly
/// when planning again, on a fresh read, gives the same rollout: the same objects by uid, the same
/// before-images, the same order.
package struct SavedPlan: Codable {
    static let kind = "SavedPlan"
    /// After this long a plan was made for a world that is gone.
    static let lifetime = Duration.seconds(24 * 3600)

    var formatVersion = "1.0"
    var kind = Self.kind
    var nonce: String
    var createdAt: String
    var clusterUID: String
    var planFile: String
    var planText: String
    var stage: Stage
    /// The waves that it is limited to; absent without a limit.
    var waves: [String]?
    var prune: Bool
    /// Texts of flows that may break, and of those that are dismissed; absent in files of older versions.
    var accepted: [String]?
    var ignored: [String]?
    package var rollout: Rollout

    init(
        _ planner: BoundPlanner, rollout: Rollout, clusterUID: String, _ context: CommandContext
    ) {
        nonce = String(context.randomBits(), radix: 36) + String(context.randomBits(), radix: 36)
        createdAt = context.clock.now().rfc3339
        self.clusterUID = clusterUID
        planFile = planner.file.source.name
        planText = planner.file.source.text
        stage = planner.options.through
        waves = planner.limit
        prune = planner.options.prune
        accepted = planner.options.accepted.sorted()
        ignored = planner.ignoring
        self.rollout = rollout
    }

    func write(to name: String, _ context: CommandContext) throws {
        let text = try JSONValue(encoding: self).prettyText + "\n"
        try PrivateFile.write(text, to: context.resolve(name), named: name)
    }

    static func read(_ name: String, _ context: CommandContext) throws -> SavedPlan {
        let bytes: [UInt8]
        do throws(FileContents.Failure) {
            bytes = try FileContents.read(context.resolve(name), maximumBytes: 256 << 20)
        } catch {
            throw CommandFailure(.failure, "cannot read saved plan \(name): \(error.reason)")
        }
        return try decode(bytes, named: name)
    }

    /// Reads the file's contents, of whatever version.
    package static func decode(
        _ bytes: [UInt8], named name: String
    ) throws(CommandFailure) -> SavedPlan {
        let data = Data(bytes)
        let head = try? JSONDecoder().decode(Head.self, from: data)
        if let head, head.kind == Self.kind, !head.formatVersion.hasPrefix("1.") {
            let version = TerminalText.sanitized(head.formatVersion)
            throw CommandFailure(
                .failure,
                "\(name) was written by a newer meshctl (format \(version))\nUse that version.")
        }
        guard head?.kind == Self.kind,
            let saved = try? JSONDecoder().decode(SavedPlan.self, from: data)
        else {
            throw CommandFailure(
                .failure,
                "\(name) is not a saved plan\nMake one with: meshctl plan --out FILE"
                    + "\nTo apply a plan file, name it with -f.")
        }
        return saved
    }

    /// What every version of the format has.
    private struct Head: Decodable {
        var formatVersion: String
        var kind: String
    }

    /// Refuses a plan of another cluster.
    func check(clusterUID present: String) throws {
        guard clusterUID == present else {
            throw CommandFailure(
                .stale,
                "the saved plan was made for another cluster "
                    + "(kube-system has uid \(clusterUID) there, \(present) here)")
        }
    }

    /// Refuses a plan that is too old to be started; a run of it goes on at any age.
    package func check(at now: Timestamp) throws {
        guard let created = Timestamp(rfc3339: createdAt), now - created < Self.lifetime else {
            throw CommandFailure(
                .stale,
                "the saved plan of \(createdAt) is older than 24 hours\n"
                    + "Plan again with: meshctl plan --out FILE")
        }
    }

    func source() -> SourceText { SourceText(name: planFile, text: planText) }

    /// Refuses to go on when planning again gives anything else: what was approved, and what it would be now.
    func check(against live: Rollout) throws {
        guard live != rollout else { return }
        let approved = Set(rollout.steps.map(\.change))
        let now = Set(live.steps.map(\.change))
        func lines(_ changes: Set<Change>) -> String {
            let texts = changes.map { "  \($0.action.rawValue) \($0.object.text)" }.sorted()
            return texts.isEmpty ? "  (nothing)" : texts.joined(separator: "\n")
        }
        throw CommandFailure(
            .stale,
            """
            the cluster has moved since this plan was approved; nothing was changed
            approved, and no longer so:
            \(lines(approved.subtracting(now)))
            wanted now instead:
            \(lines(now.subtracting(approved)))
            Plan again with: meshctl plan --out FILE
            """)
    }
}
