import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

/// What follows when the guard ends an apply: what made traffic be refused is relaxed, at once and without
/// asking. Only policies go back, never labels, restarts or egress: those are a person's decision.
struct AutomaticRollback {
    let session: RunSession
    /// nil to take it from the mesh configuration.
    let rootNamespace: String?

    private var context: CommandContext { session.context }

    /// How the command ends.
    func undo(_ run: RunState, since batch: Int) async -> CommandFailure {
        let scope = scope(of: run, batch)
        context.note("\nRelaxing \(scope.words): \(run.guardCause).")
        let rollback: RunState
        do {
            guard let done = try await relax(run, scope) else {
                return nothingToRelax(run)
            }
            rollback = done
        } catch {
            return CommandFailure(
                .rollbackIncomplete,
                "\(run.guardCause), and the rollback could not be done: "
                    + ErrorConversion.failure(for: error).message
                    + "\nGo back with: meshctl rollback\(session.options)")
        }
        if let failure = rollback.failure(options: session.options) {
            return CommandFailure(
                failure.status == .interrupted ? .interrupted : .rollbackIncomplete,
                failure.message)
        }
        return CommandFailure(
            .rolledBack,
            """
            \(run.guardCause); \(scope.words) was relaxed by rollback \(rollback.header.id)
            \(await GuardRecheck(session: session).words(on: run, since: batch))
            \(stays(run, undoneBy: rollback))
            See what the guard saw with: meshctl show \(run.header.id)
            Once that is mended, the same command plans again. All the way back: meshctl rollback\(session.options)
            """)
    }

    /// nil where nothing can be relaxed.
    private func relax(_ run: RunState, _ scope: Scope) async throws -> RunState? {
        let observation = try await ClusterObserver(session.connection.client).observe(
            rootNamespace: rootNamespace)
        let planned = RollbackPlanner.plan(
            undoing: run, rollbacks: [], on: observation.state,
            options: RollbackPlanner.Options(
                policiesOnly: true, steps: scope.steps))
        guard !planned.rollout.steps.isEmpty || !planned.leftAlone.isEmpty else { return nil }
        let header = RunHeader(
            id: session.newRunID(), kind: .rollback, plan: run.header.plan,
            clusterUID: session.clusterUID, server: session.connection.name, isPoliciesOnly: true,
            isAutomatic: true, target: run.header.id, leftAlone: planned.leftAlone,
            startedBy: context.person)
        return try await session.start(header, planned.rollout, gates: GateTerms())
    }

    private func nothingToRelax(_ run: RunState) -> CommandFailure {
        CommandFailure(
            .partial,
            "\(run.guardCause), and the run has tightened no policy that could be relaxed by itself\n"
                + "See what the guard saw with: meshctl show \(run.header.id)\n"
                + "Go back with: meshctl rollback\(session.options)")
    }

    private func stays(_ run: RunState, undoneBy rollback: RunState) -> String {
        let back = rollback.writtenObjects
        let left = run.rollout.steps.filter {
            run.isDone($0.id) && !back.contains($0.change.object)
        }
        guard !left.isEmpty else { return "Nothing else of the run is in place." }
        let actions = Dictionary(grouping: left, by: \.phase).sorted { $0.key < $1.key }
            .map { "\($0.value.count) of stage \($0.key.rawValue)" }
        return "In place stay \(left.count) of its steps: \(actions.joined(separator: ", "))."
    }
}

extension AutomaticRollback {
    /// What is relaxed, and how it is called.
    private struct Scope {
        var steps: Set<StepID>?
        var words: String
    }

    private func scope(of run: RunState, _ batch: Int) -> Scope {
        let guarded = run.rollout.steps.filter { $0.batch == batch }
        switch run.rollout.settings.abort.scope {
        case .step:
            return Scope(steps: Set(guarded.map(\.id)), words: "what the last steps tightened")
        case .wave:
            let waves = Set(guarded.map(\.wave))
            let phases = Set(guarded.map(\.phase))
            let steps = run.rollout.steps.filter {
                waves.contains($0.wave) && phases.contains($0.phase)
            }
            let names = waves.compactMap(\.self).sorted()
            return Scope(
                steps: Set(steps.map(\.id)),
                words: names.isEmpty
                    ? "what the wave tightened"
                    : "what wave \(names.joined(separator: ", ")) tightened")
        case .run:
            return Scope(steps: nil, words: "what the run tightened")
        }
    }
}
