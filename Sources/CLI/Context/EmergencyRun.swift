import Journal
import KubernetesClient
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting

/// `rollback --emergency`: relaxes what meshctl made STRICT, by what the cluster shows, until nothing more can
/// be done; with `unenroll` it then takes the ambient labels off.
///
/// It looks again after each round that was not wholly done: what moved meanwhile is planned anew, and where
/// istiod turned out to be away, policies are deleted whose absence relaxes.
struct EmergencyRun {
    private var session: RunSession
    private let options: Options
    /// What was read before the session was opened, until it is used.
    private var firstLook: Observation?
    /// What stays, and a person has to see to.
    private var left: [ObjectReference] = []
    private var istiodIsAway = false
    private var isConfirmed = false
    private let lock: ClusterLock
    /// Another process is at work: it may tighten again.
    private var isNotAlone: Bool
    private var reports: [RollbackReport] = []

    struct Options {
        var unenroll: Bool
        var yes: Bool
        var output: OutputOptions
    }

    private enum Part { case policies, labels }

    private static let roundLimit = 5

    private var context: CommandContext { session.context }

    static func run(
        _ options: Options, _ cluster: ClusterOptions, connection: ClusterConnection,
        maxOutage: Duration, _ context: CommandContext
    ) async throws {
        let client = connection.patientClient(for: maxOutage, context)
        let observation = try await ClusterObserver(client).observePolicies()
        let lock = await ClusterLock.ask(cluster, connection, context)
        let (session, file, obstacle) = try RunSession.inAnyCase(
            cluster, connection: connection, clusterUID: observation.state.clusterUID,
            command: "rollback --emergency", maxOutage: maxOutage, context)
        defer { file?.release() }
        if let obstacle { Self.tell(of: obstacle, context) }
        var run = EmergencyRun(
            session: session, options: options, firstLook: observation,
            lock: lock,
            isNotAlone: obstacle?.status == .locked)
        context.noteDiagnostics(observation.diagnostics)
        try await run.carryOut()
    }

    private init(
        session: RunSession, options: Options, firstLook: Observation, lock: ClusterLock,
        isNotAlone: Bool
    ) {
        self.session = session
        self.lock = lock
        self.options = options
        self.firstLook = firstLook
        self.isNotAlone = isNotAlone
    }

    private static func tell(of obstacle: CommandFailure, _ context: CommandContext) {
        context.note(
            obstacle.message + "\n"
                + "The emergency goes on without the state file: what it does is told here, and no history "
                + "will know of it.\n")
    }

    private mutating func carryOut() async throws {
        defer {
            if options.output.isForPrograms {
                context.printReport(RollbackListReport(items: reports), options.output)
            }
        }
        try await carryOut(.policies)
        try await outlast()
        if options.unenroll { try await carryOut(.labels) }
        if let failure { throw failure }
        context.note(
            "\nEmergency over: nothing that meshctl made STRICT is left."
                + "\nBack to what was before: meshctl rollback\(session.options)")
    }

    private mutating func carryOut(_ part: Part) async throws {
        var planned = try await plan(part)
        show(planned, part)
        guard !planned.rollout.steps.isEmpty else {
            left += planned.leftAlone
            return
        }
        try confirm(planned, part)
        for round in 1...Self.roundLimit {
            let run = try await start(planned, part)
            if let run, case .stopped = run.status,
                let failure = run.failure(options: session.options)
            {
                throw failure
            }
            if let run, run.rollout.steps.allSatisfy({ run.isDone($0.id) }) { break }
            istiodIsAway = istiodIsAway || run?.metNoIstiod ?? false
            // Looking again shows neither what is written and did not take effect, nor what stays in a namespace
            // whose label is gone.
            left += run?.unconfirmed ?? []
            if part == .labels { left += planned.leftAlone }
            let known = Set(planned.rollout.steps.map(\.change))
            planned = try await plan(part)
            let changes = planned.rollout.steps.map(\.change)
            let hasNews = run == nil || !known.isSuperset(of: changes)
            guard !changes.isEmpty, hasNews, round < Self.roundLimit else {
                left += changes.map(\.object)
                break
            }
            show(planned, part)
        }
        left += planned.leftAlone
    }

    /// Who was at work may have tightened more until it stopped: once the lock is ours, it is looked again.
    private mutating func outlast() async throws {
        guard let rival = lock.rival else { return }
        context.note(
            TerminalText.sanitized(
                "\nAnother meshctl was at work: \(rival.sentence). Waiting for its end."))
        do {
            let lease = try await lock.acquire()
            isNotAlone = false
            do {
                try await carryOut(.policies)
            } catch {
                await lease.release()
                throw error
            }
            await lease.release()
        } catch is RunLease.Held {
            isNotAlone = true
        } catch let error as KubernetesError {
            context.note(TerminalText.sanitized(error.sentence))
            isNotAlone = true
        }
    }

    /// Asks once, before anything is changed.
    private mutating func confirm(_ planned: PlannedRollback, _ part: Part) throws {
        guard !isConfirmed else { return }
        let count = planned.rollout.steps.count
        let question =
            switch part {
            case .policies:
                "Relax \(count == 1 ? "this policy" : "these \(count) policies")"
                    + (options.unenroll
                        ? ", then take out of ambient what meshctl put there?" : "?")
            case .labels:
                "Take \(count == 1 ? "this namespace" : "these \(count) namespaces") out of ambient?"
            }
        try session.confirm(question, yes: options.yes)
        isConfirmed = true
    }

    private mutating func show(_ planned: PlannedRollback, _ part: Part) {
        let report = RollbackReport(
            planned, undoing: nil, plan: "", server: session.connection.name,
            policiesOnly: part == .policies, isEmergency: true)
        reports.append(report)
        if !options.output.isForPrograms { context.printReport(report, options.output) }
    }
}

// MARK: - Looking and doing

extension EmergencyRun {
    private mutating func plan(_ part: Part) async throws -> PlannedRollback {
        switch part {
        case .policies:
            let look: Observation
            if let firstLook {
                look = firstLook
                self.firstLook = nil
            } else {
                look = try await observer.observePolicies()
            }
            return EmergencyPlanner.plan(on: look.state, withoutIstiod: istiodIsAway)
        case .labels:
            return try await planUnenrolment()
        }
    }

    private var observer: ClusterObserver {
        ClusterObserver(session.connection.patientClient(for: session.maxOutage, context))
    }

    /// Who calls whom takes many lists. Where one of them cannot be had, all namespaces leave at once.
    ///
    /// So they do without istiod, too: proxies are not told then who has left, and the shorter they disagree
    /// the better.
    private func planUnenrolment() async throws -> PlannedRollback {
        do throws(KubernetesError) {
            let state = try await observer.observe().state
            let observed = (try? session.observedFlows()) ?? []
            let flows = FlowCatalogue(plan: MeshPlan(name: ""), state: state, observed: observed)
            return UnenrolmentPlanner.plan(on: state, flows: istiodIsAway ? [] : flows.flows)
        } catch {
            context.note(
                "who calls whom cannot be read, so all namespaces leave at once: "
                    + TerminalText.sanitized(error.sentence))
            return UnenrolmentPlanner.plan(on: try await observer.observePolicies().state)
        }
    }

    /// nil where the state file failed: what was done then is found by looking again.
    private mutating func start(_ planned: PlannedRollback, _ part: Part) async throws -> RunState?
    {
        let header = RunHeader(
            id: session.newRunID(), kind: .rollback, plan: "", clusterUID: session.clusterUID,
            server: session.connection.name, isPoliciesOnly: part == .policies, isEmergency: true,
            leftAlone: planned.leftAlone, startedBy: context.person)
        do {
            let superseded = try session.history(plan: nil).runs
                .filter { $0.header.kind == .rollback && !$0.isFinished }.map(\.header.id)
            return try await session.start(
                header, planned.rollout, gates: GateTerms(), superseding: superseded)
        } catch let error as JournalError {
            Self.tell(of: ErrorConversion.failure(for: error), context)
            session = try session.withoutStateFile()
            return nil
        }
    }
}

// MARK: - How it ends

extension EmergencyRun {
    /// nil where nothing is left.
    private var failure: CommandFailure? {
        var lines: [String] = []
        if !left.isEmpty {
            lines.append("not all could be done; left as it is, why is told above:")
            lines += Set(left).sorted().map { "  " + TerminalText.sanitized($0.text) }
        }
        if istiodIsAway {
            lines.append(
                """
                istiod does not answer: policies can be deleted and not changed, and proxies keep to what they \
                know until it is back
                Look after it with: kubectl get pods -A -l app=istiod
                Then give the same command again.
                """)
            if !options.unenroll {
                lines.append(
                    "Pods in ambient are let go without it: "
                        + "meshctl rollback --emergency --unenroll\(session.options)")
            }
        }
        if isNotAlone {
            lines.append(
                "another meshctl is at work, and may tighten again: stop it, then give the same command again"
            )
        }
        return lines.isEmpty
            ? nil : CommandFailure(.rollbackIncomplete, lines.joined(separator: "\n"))
    }
}

extension RunState {
    /// What is written, and did not show its effect in time.
    fileprivate var unconfirmed: [ObjectReference] {
        rollout.steps.filter { step in
            if case .written = steps[step.id] { true } else { false }
        }.map(\.change.object)
    }

    /// A policy was refused because istiod's webhook did not answer.
    fileprivate var metNoIstiod: Bool {
        steps.values.contains { state in
            if case .failed(let failure) = state { failure.isWebhookSilent } else { false }
        }
    }
}
