import MeshApply
import MeshPlanning
import Reporting
import Timing

/// Looks once more for the refusals that ended a run, when its policies are relaxed. It tells, and decides nothing.
struct GuardRecheck {
    let session: RunSession

    /// One line, without control characters.
    ///
    /// - Parameters:
    ///   - run: as it stood before it was undone.
    ///   - batch: since which it was refused.
    func words(on run: RunState, since batch: Int) async -> String {
        TerminalText.sanitized(await look(run, since: batch))
    }

    private func look(_ run: RunState, since batch: Int) async -> String {
        let connection = session.connection
        let keeper = GuardKeeper(
            connection.client, clock: connection.clock, rule: run.rollout.settings.abort)
        let guarded = TrafficGuard(
            batch: batch,
            targets: run.rollout.guards.filter { $0.batch <= batch }.flatMap(\.targets))
        let base: GuardLook
        do {
            // What proxies refuse until they have heard of it is not held against the rollback.
            try await connection.clock.sleep(for: run.rollout.settings.settle)
            base = await keeper.look(before: guarded)
            try await connection.clock.sleep(for: Self.watch)
        } catch {
            return "Whether the refusals have ended was not waited for."
        }
        let report = await keeper.look(after: [GuardedBatch(guarded, base: base)])
        if report.counted > 0 {
            return "Still refused: "
                + report.refusals.filter { $0.excuse == nil }.map(\.text).joined(separator: "; ")
        }
        return report.doubts.isEmpty
            ? "No required traffic is refused any more."
            : "Whether the refusals have ended cannot be judged, because "
                + report.doubts.joined(separator: "; ")
    }

    /// Long enough for a few connections of whoever calls often.
    private static let watch = Duration.seconds(15)
}
