import Diagnostics
import Foundation
import JSON
import MeshModel
import MeshPlanning
import Timing

/// The file that `plan --out` writes: a rollout that was approved, bound to its cluster.
///
/// It carries the plan file's text. Planning is deterministic, so it is still what was approved exactly
/// when planning again, on a fresh read, gives the same rollout: the same objects by uid, the same
/// before-images, the same order.
struct SavedPlan: Codable {
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
    var prune: Bool
    var rollout: Rollout

    init(
        _ planner: BoundPlanner, rollout: Rollout, clusterUID: String, _ context: CommandContext
    ) {
        nonce = String(context.randomBits(), radix: 36) + String(context.randomBits(), radix: 36)
        createdAt = context.clock.now().rfc3339
        self.clusterUID = clusterUID
        planFile = planner.file.source.name
        planText = planner.file.source.text
        stage = planner.options.through
        prune = planner.options.prune
        self.rollout = rollout
    }

    func write(to path: String) throws {
        let text = try JSONValue(encoding: self).prettyText + "\n"
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw CommandFailure(.failure, "cannot write \(path)") }
    }

    static func read(_ name: String, _ context: CommandContext) throws -> SavedPlan {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: context.resolve(name)))
        } catch {
            throw CommandFailure(.failure, "cannot read saved plan \(name): \(systemReason(error))")
        }
        guard let saved = try? JSONDecoder().decode(SavedPlan.self, from: data),
            saved.kind == Self.kind
        else {
            throw CommandFailure(
                .failure,
                "\(name) is not a saved plan\nMake one with: meshctl plan --out \(name)"
                    + "\nTo apply a plan file, name it with -f.")
        }
        guard saved.formatVersion.hasPrefix("1.") else {
            throw CommandFailure(
                .failure, "\(name) was written by a newer meshctl (format \(saved.formatVersion))")
        }
        return saved
    }

    /// Refuses a plan of another cluster, and one that is too old.
    func check(clusterUID present: String, at now: Timestamp) throws {
        guard clusterUID == present else {
            throw CommandFailure(
                .stale, "the saved plan was made for another cluster "
                    + "(kube-system has uid \(clusterUID) there, \(present) here)")
        }
        guard let created = Timestamp(rfc3339: createdAt), now - created < Self.lifetime else {
            throw CommandFailure(
                .stale, "the saved plan of \(createdAt) is older than 24 hours\n"
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
            .stale, """
                the cluster has moved since this plan was approved; nothing was changed
                approved, and no longer so:
                \(lines(approved.subtracting(now)))
                wanted now instead:
                \(lines(now.subtracting(approved)))
                Plan again with: meshctl plan --out FILE
                """)
    }
}
