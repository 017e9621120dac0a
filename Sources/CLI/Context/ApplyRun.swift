import Diagnostics
import Journal
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing
import MeshApply

/// `apply` once the cluster, the lock and the journal are there: go on with an open run, or plan and start one.
struct ApplyRun {
    let session: RunSession
    let planner: BoundPlanner
    let saved: SavedPlan?
    let gates: GateOptions
    let rollsBackByItself: Bool
    let yes: Bool
    let output: OutputOptions

    private var context: CommandContext { session.context }
    private var plan: MeshPlan { planner.file.plan }

    func run() async throws {
        try await refuseUnknownRun()
        let pulled = try await session.pull()
        let history = try session.history(plan: plan.name)
        try refuseDuringRollback(history)
        if let saved { try refuseUsed(saved, history, pulled.entries) }
        let open = history.openApply
        guard let open, isSame(open) else {
            return try await start(superseding: open, pulled.entries)
        }
        guard open.isOutdated else { return try await goOn(open) }
        context.note(
            "Run \(open.header.id) met objects that somebody else changed since it was planned. "
                + "What is left to do is planned anew.")
        try await start(superseding: open, pulled.entries)
    }

    /// A run that another machine's journal knows is not at its end. Where the Lease could not be told of its
    /// end, the checkpoint may have been.
    private func refuseUnknownRun() async throws {
        guard let open = session.lease?.openRun, try session.journal.run(open.id) == nil else {
            return
        }
        let checkpoint = try await session.checkpointStore.entries().first { $0.run == open.id }
        guard checkpoint?.status ?? .open == .open else { return }
        throw CommandFailure(
            .locked,
            TerminalText.sanitized(
                "run \(open.id) is open in this cluster, and this state file does not know it: "
                    + "\(open.kind) of \(open.plan), by \(open.startedBy)")
                + "\nGo on with it where it was begun, or get it from the cluster with: "
                + "meshctl state pull\(session.options)"
                + "\nGo back with: meshctl rollback\(session.options)")
    }

    private func refuseDuringRollback(_ history: RunHistory) throws {
        guard let rollback = history.openRollback else { return }
        throw CommandFailure(
            .failure,
            "rollback \(rollback.header.id) has not come to its end\n"
                + "Finish it first with: meshctl rollback")
    }

    /// A saved plan is for one run, on whatever machine: once that ended or was rolled back, it is used up.
    private func refuseUsed(
        _ saved: SavedPlan, _ history: RunHistory, _ entries: [CheckpointEntry]
    ) throws {
        let here = history.runs.first { $0.header.nonce == saved.nonce }?.header.id
        let used = here ?? entries.first { $0.nonce == saved.nonce }?.run
        guard let used, history.openApply?.header.id != used else { return }
        throw CommandFailure(
            .stale,
            "this saved plan was applied already, as run \(used)\n"
                + "Plan again with: meshctl plan --out FILE")
    }

    /// The open run is gone on with only as what it was: the same plan text, stage, waves and saved plan.
    private func isSame(_ open: RunState) -> Bool {
        open.header.planText == planner.file.source.text
            && open.header.stage == planner.options.through
            && open.header.waves == planner.limit && open.header.nonce == saved?.nonce
    }

    private func goOn(_ open: RunState) async throws {
        let done = open.rollout.steps.count { open.isDone($0.id) }
        context.note(
            "Going on with run \(open.header.id): \(done) of \(open.rollout.steps.count) steps done."
        )
        report(PlannedRollout(rollout: open.rollout))
        try session.confirm("Go on?", yes: yes)
        try await finish(try await session.resume(open, gates: terms()))
    }

    private func start(
        superseding open: RunState?, _ entries: [CheckpointEntry]
    ) async throws {
        try saved?.check(at: context.clock.now())
        let observation = try await ClusterObserver(session.connection.client).observe(
            rootNamespace: plan.mesh.rootNamespace)
        let planned = planner.plan(on: observation, observed: try session.observedFlows())
        report(planned)
        if planned.isBlocked { throw CommandFailure(.blocked) }
        try saved?.check(against: planned.rollout)
        guard !planned.rollout.steps.isEmpty else {
            if let open { try await session.supersede(open) }
            return
        }
        try session.confirm("Apply these \(planned.rollout.steps.count) steps?", yes: yes)
        let header = RunHeader(
            id: session.newRunID(), kind: .apply, plan: plan.name, clusterUID: session.clusterUID,
            server: session.connection.name, stage: planner.options.through,
            waves: planner.limit, planText: planner.file.source.text, startedBy: context.person,
            nonce: saved?.nonce,
            acceptedFlows: planner.options.accepted.sorted())
        let run = try await session.start(
            header, planned.rollout, gates: terms(),
            superseding: [open].compactMap { $0?.header.id }, tidying: entries)
        try await finish(run)
    }

    private func terms() throws -> GateTerms {
        try gates.terms(planner, observed: try session.observedFlows(), context)
    }

    private func report(_ planned: PlannedRollout) {
        context.printReport(
            RolloutReport(
                planned, plan: plan.name, server: session.connection.name,
                through: planner.options.through, waves: planner.options.waves),
            output)
    }

    private func finish(_ run: RunState) async throws {
        if case .stopped(.guardTripped(let batch)) = run.status, rollsBackByItself {
            throw await AutomaticRollback(
                session: session, rootNamespace: plan.mesh.rootNamespace
            ).undo(run, since: batch)
        }
        if let failure = run.failure(options: session.options) { throw failure }
        let count = run.rollout.steps.count
        context.note(
            "\nApply complete: \(count) \(count == 1 ? "step" : "steps") done, run \(run.header.id)."
                + "\nGo back with: meshctl rollback\(session.options)")
    }
}
