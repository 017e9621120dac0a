import Diagnostics
import Journal
import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import PlanDecoding
import Reporting

/// `rollback` once the cluster, the lock and the journal are there.
struct RollbackRun {
    let session: RunSession
    let options: RollbackPlanner.Options
    /// Doubts that the plan file of the command answers for, besides those of the run's own.
    let accepted: [GateSettings.AcceptedDoubt]
    let yes: Bool
    let output: OutputOptions

    private var context: CommandContext { session.context }

    func run(named id: RunID?, plan: String?, cascade: Bool) async throws {
        let unread = await pull()
        let history = try session.history(plan: plan)
        // Each way back is planned when the one before it is done. For programs they are one document all the
        // same, also when one of them fails.
        let isOneDocument = cascade && output.isForPrograms
        var reports: [RollbackReport] = []
        defer {
            if isOneDocument { context.printReport(RollbackListReport(items: reports), output) }
        }
        func show(_ report: RollbackReport) {
            if isOneDocument {
                reports.append(report)
            } else {
                context.printReport(report, output)
            }
        }
        if let open = history.openRollback, id == nil || open.header.target == id {
            return try await goOn(open, history, show)
        }
        let targets = try targets(
            named: id, in: history, cascade: cascade, unread: unread)
        // That there is nothing to roll back is known only where all runs are.
        if targets.isEmpty, let unread { throw unread }
        if targets.isEmpty, let last = history.justUndone, id == nil || id == last.header.id,
            try await undoLatecomers(of: last, self.plan(of: last), show)
        {
            return
        }
        if targets.isEmpty, !isOneDocument { show(nothing(plan: plan)) }
        if history.runs.isEmpty {
            context.note(
                "No run on this cluster is known here. To open all that meshctl made STRICT all the same: "
                    + "meshctl rollback --emergency\(session.options)")
        }
        for target in targets { try await undo(target, history, show) }
    }

    /// What other machines did is to be known, but nothing that this one can undo waits for it.
    ///
    /// - Returns: why it is not known.
    private func pull() async -> (any Error)? {
        do {
            return try await session.pull().unusable.first
        } catch {
            let why = ErrorConversion.failure(for: error).message.split(separator: "\n").first ?? ""
            context.note(
                "warning: which runs other machines made cannot be read in the cluster: \(why)")
            return error
        }
    }

    /// The runs to undo, newest first.
    private func targets(
        named id: RunID?, in history: RunHistory, cascade: Bool, unread: (any Error)?
    ) throws -> [RunState] {
        guard let id else { return [history.rollbackTarget].compactMap(\.self) }
        guard let run = history.runs.first(where: { $0.header.id == id }) else {
            if let elsewhere = try session.journal.run(id) {
                throw CommandFailure(
                    .stale, "run \(id) was made on another cluster, \(elsewhere.header.server)")
            }
            if let unread { throw unread }
            throw CommandFailure(
                .failure, "there is no run \(id)\nList the runs with: meshctl history")
        }
        guard run.header.kind == .apply else {
            throw CommandFailure(.usage, "run \(id) is a rollback itself, and cannot be undone")
        }
        guard history.canBeRolledBack(run) else { return [] }
        let later = history.laterRuns(touchingObjectsOf: run)
        guard later.isEmpty || cascade else {
            throw CommandFailure(
                .failure,
                "later runs touched the same objects: "
                    + later.map(\.header.id.text).joined(separator: ", ")
                    + "\nUndo them as well with --cascade.")
        }
        return later + [run]
    }

    private func goOn(
        _ open: RunState, _ history: RunHistory, _ show: (RollbackReport) -> Void
    ) async throws {
        let done = open.rollout.steps.count { open.isDone($0.id) }
        context.note(
            "Going on with rollback \(open.header.id): "
                + "\(done) of \(open.rollout.steps.count) steps done.")
        let target = history.runs.first { $0.header.id == open.header.target }
        show(
            RollbackReport(
                PlannedRollback(rollout: open.rollout),
                undoing: target?.header, plan: open.header.plan, server: open.header.server,
                toStage: open.header.stage, policiesOnly: open.header.isPoliciesOnly))
        try session.confirm("Go on?", yes: yes)
        let plan = target.flatMap { self.plan(of: $0) }
        let terms = try terms(plan)
        try await finish(try await session.resume(open, gates: terms), undoing: target, terms)
        if let target, open.header.stage == nil, !open.header.isPoliciesOnly {
            // A program has had its document.
            _ = try await undoLatecomers(of: target, plan, output.isForPrograms ? { _ in } : show)
        }
    }

    private func undo(
        _ target: RunState, _ history: RunHistory, _ show: (RollbackReport) -> Void
    ) async throws {
        let plan = plan(of: target)
        let planned = try await self.planned(undoing: target, plan, history)
        show(report(planned, target))
        if !planned.rollout.steps.isEmpty {
            try session.confirm("Roll back run \(target.header.id)?", yes: yes)
        }
        try await perform(planned, undoing: target, plan)
        _ = try await undoLatecomers(of: target, plan, output.isForPrograms ? { _ in } : show)
    }

    /// A pod that was made after the way back was planned, and before a label was taken back, has the data plane
    /// that was to go, and a sidecar stays in it for good. Looked for once the rest is done. A label that is there
    /// again is somebody else's.
    ///
    /// - Returns: whether there were any.
    private func undoLatecomers(
        of target: RunState, _ plan: MeshPlan?, _ show: (RollbackReport) -> Void
    ) async throws -> Bool {
        guard options.toStage == nil, !options.policiesOnly,
            target.rollout.steps.contains(where: \.change.isOfDataplane)
        else { return false }
        let planned = try await self.planned(
            undoing: target, plan, try session.history(plan: target.header.plan))
        let steps = planned.rollout.steps
        guard !steps.isEmpty, steps.allSatisfy({ $0.change.action == .restart }) else {
            return false
        }
        context.note("\nPods were made meanwhile with the data plane that was to go.")
        show(report(planned, target))
        try session.confirm("Take that back as well?", yes: yes)
        try await perform(planned, undoing: target, plan)
        return true
    }

    private func planned(
        undoing target: RunState, _ plan: MeshPlan?, _ history: RunHistory
    ) async throws -> PlannedRollback {
        // It may name the root namespace itself.
        let client = session.connection.patientClient(for: session.maxOutage, context)
        let observation = try await ClusterObserver(client).observe(
            rootNamespace: plan?.mesh.rootNamespace)
        // Of what the plan file declared then, some may be gone: its diagnostics are nobody's now.
        let catalogue = FlowCatalogue(
            plan: plan ?? MeshPlan(name: target.header.plan), state: observation.state,
            observed: try session.observedFlows())
        return RollbackPlanner.plan(
            undoing: target, rollbacks: history.rollbacks(of: target.header.id),
            on: observation.state, plan: plan, flows: catalogue.flows,
            dismissed: catalogue.ignored.map(\.flow), options: options)
    }

    private func report(_ planned: PlannedRollback, _ target: RunState) -> RollbackReport {
        RollbackReport(
            planned, undoing: target.header, plan: target.header.plan,
            server: session.connection.name, toStage: options.toStage,
            policiesOnly: options.policiesOnly)
    }

    private func perform(
        _ planned: PlannedRollback, undoing target: RunState, _ plan: MeshPlan?
    ) async throws {
        let header = RunHeader(
            id: session.newRunID(), kind: .rollback, plan: target.header.plan,
            clusterUID: session.clusterUID, server: session.connection.name,
            stage: options.toStage, isPoliciesOnly: options.policiesOnly,
            target: target.header.id, leftAlone: planned.leftAlone,
            startedBy: context.person)
        let terms = try terms(plan)
        let run = try await session.start(header, planned.rollout, gates: terms)
        try await finish(run, undoing: target, terms)
    }

    /// The plan that was applied; nil where this meshctl cannot read it.
    private func plan(of target: RunState) -> MeshPlan? {
        let source = SourceText(
            name: "plan of run \(target.header.id)", text: target.header.planText)
        return PlanFileDecoder.decode(source).plan
    }

    /// What the gates are judged by: the plan that was applied. Nothing is approved on the way back.
    private func terms(_ plan: MeshPlan?) throws -> GateTerms {
        let observed = try session.observedFlows()
        return GateTerms(
            terms: GateKeeper.Terms(
                rootNamespace: plan?.mesh.rootNamespace,
                accepted: (plan?.gates.accepted ?? []) + accepted,
                flows: {
                    FlowCatalogue(plan: plan ?? MeshPlan(name: ""), state: $0, observed: observed)
                        .flows
                }))
    }

    private func nothing(plan: String?) -> RollbackReport {
        RollbackReport(
            PlannedRollback(), undoing: nil, plan: plan ?? "", server: session.connection.name,
            toStage: options.toStage, policiesOnly: options.policiesOnly)
    }

    private func finish(
        _ run: RunState, undoing target: RunState?, _ terms: GateTerms
    ) async throws {
        if run.isFinished, let target {
            let keeper = GateKeeper(
                session.connection.client, clock: session.connection.clock, terms: terms.terms)
            await Recheck(keeper: keeper, context: context).tell(of: target)
            if case .stopped(.guardTripped(let batch)) = target.status {
                let words = await GuardRecheck(session: session).words(on: target, since: batch)
                context.note("\n" + words)
            }
        }
        if let failure = run.failure(options: session.options) { throw failure }
        context.note("\nRollback complete, run \(run.header.id).")
    }
}
