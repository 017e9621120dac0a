import MeshApply
import MeshCluster
import MeshPlanning
import Reporting
import Timing

/// What a run leaves in the cluster for other machines, and what it learns from there.
extension RunSession {
    /// Adds the runs of other machines to the journal, and says so. Notes in the cluster how runs of this one
    /// ended, where the command that ended them died before it could.
    func pull() async throws -> CheckpointPull.Result {
        let result = try await CheckpointPull(checkpointStore, journal, clusterUID: clusterUID)
            .run(by: context.person, at: connection.clock.now())
        for header in result.added {
            context.note(
                TerminalText.sanitized(
                    "Run \(header.id), \(header.kind.rawValue) of \(header.plan) by "
                        + "\(header.startedBy), is known from its checkpoint in the cluster."))
        }
        for error in result.unusable {
            context.note("warning: \(CheckpointSentence.of(error)); it is left out")
        }
        await closeEnded(result.entries)
        return result
    }

    private func closeEnded(_ entries: [CheckpointEntry]) async {
        do {
            try await checkpoints.closeEnded(among: entries)
            if let open = lease?.openRun, try checkpoints.hasSeenTheEnd(of: open.id) {
                lease?.nameNone()
            }
        } catch {
            warn("how earlier runs ended could not be noted in the cluster", error)
        }
    }

    /// Before the first change of an apply. What cannot be taken back from elsewhere is not begun.
    func keepCheckpoint(of run: RunState) async throws {
        do {
            try await checkpoints.keep(run)
        } catch {
            let failure = ErrorConversion.failure(for: error)
            if failure.status == .interrupted { throw failure }
            throw CommandFailure(
                run.hasWritten ? .partial : failure.status,
                """
                the run's checkpoint could not be kept in namespace \(stateNamespace), so nothing was \
                changed by this command
                \(failure.message)
                Once that is mended, the same command goes on.
                """)
        }
    }

    /// Beside a rollback, which waits for nothing: whether it is there now.
    func tryToKeepCheckpoint(of run: RunState) async -> Bool {
        do {
            try await checkpoints.keep(run)
            return true
        } catch {
            return false
        }
    }

    /// Notes in the cluster how a run ended.
    ///
    /// - Parameter isKept: whether its checkpoint is there.
    func closeCheckpoint(of run: RunState, isKept: Bool) async {
        do {
            if isKept {
                try await checkpoints.close(run)
            } else if run.isFinished {
                try await checkpoints.keep(run)
            }
        } catch {
            warn("how run \(run.header.id) ended could not be noted in the cluster", error)
            context.note(
                "Other machines take it for open until the next apply or rollback here has noted it."
            )
        }
    }

    /// Once a new run's checkpoint is there.
    func tidyCheckpoints(
        of plan: String, superseded: [RunID], _ entries: [CheckpointEntry] = []
    ) async {
        do {
            try await checkpoints.close(superseded: superseded)
            try await checkpoints.forgetOld(entries, in: try history(plan: plan))
        } catch {
            warn("old checkpoints could not be tidied up", error)
        }
    }

    private func warn(_ what: String, _ error: any Error) {
        let why = ErrorConversion.failure(for: error).message
        context.note("warning: \(what): \(why.split(separator: "\n").first ?? "")")
    }
}
