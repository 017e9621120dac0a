import Journal
import JSON
import MeshApply
import MeshModel
import MeshPlanning
import Timing

/// What `apply` and `rollback` share: the lock, the journal, and executing a run.
struct RunSession {
    let connection: ClusterConnection
    let context: CommandContext
    let journal: JournalStore
    let clusterUID: String
    /// The command's cluster options, for commands that it tells the user to run.
    let options: String
    /// How long a run puts up with an API server that does not answer.
    let maxOutage: Duration
    /// nil for an emergency that goes on without the state file.
    private let lock: StateLock?

    static func open(
        _ options: ClusterOptions, connection: ClusterConnection, command: String,
        maxOutage: Duration, _ context: CommandContext
    ) async throws -> RunSession {
        // The cluster first: a wrong address is told before any file is touched.
        let patient = connection.patientClient(for: maxOutage, context)
        let clusterUID = try await connection.clusterUID(by: command == "rollback" ? patient : nil)
        let path = options.stateFile.path(context)
        let lock = try StateLock.acquire(
            statePath: path,
            as: StateLock.Holder(
                pid: context.processID, host: context.host, command: command,
                since: context.clock.now()))
        return RunSession(
            connection: connection, context: context, journal: try JournalStore.open(path: path),
            clusterUID: clusterUID, options: options.asGiven, maxOutage: maxOutage, lock: lock)
    }

    /// For an emergency: what is wrong with the state file does not stop it, and is returned.
    static func openInAnyCase(
        _ options: ClusterOptions, connection: ClusterConnection, clusterUID: String,
        command: String, maxOutage: Duration, _ context: CommandContext
    ) throws -> (RunSession, obstacle: CommandFailure?) {
        let path = options.stateFile.path(context)
        func session(_ journal: JournalStore, _ lock: StateLock?) -> RunSession {
            RunSession(
                connection: connection, context: context, journal: journal,
                clusterUID: clusterUID, options: options.asGiven, maxOutage: maxOutage, lock: lock)
        }
        do {
            let holder = StateLock.Holder(
                pid: context.processID, host: context.host, command: command,
                since: context.clock.now())
            let lock = try StateLock.acquire(statePath: path, as: holder)
            return (session(try JournalStore.open(path: path), lock), nil)
        } catch {
            let obstacle = ErrorConversion.failure(for: error)
            return (session(try JournalStore.inMemory(), nil), obstacle)
        }
    }

    /// The same, with a journal that ends with the process.
    func withoutStateFile() throws -> RunSession {
        RunSession(
            connection: connection, context: context, journal: try JournalStore.inMemory(),
            clusterUID: clusterUID, options: options, maxOutage: maxOutage, lock: lock)
    }

    /// The runs of this cluster; of one plan, where it is given.
    func history(plan: String?) throws -> RunHistory {
        try RunHistory(journal: journal, cluster: clusterUID, plan: plan)
    }

    /// Who was seen calling whom in this cluster.
    func observedFlows() throws -> [ObservedFlow] {
        try journal.observedFlows(clusterUID: clusterUID)
    }

    func newRunID() -> RunID {
        RunID.make(at: connection.clock.now(), randomBits: context.randomBits())
    }

    /// Journals the run's beginning and executes it.
    func start(
        _ header: RunHeader, _ rollout: Rollout, gates: GateTerms, superseding: [RunID] = []
    ) async throws -> RunState {
        try journal.begin(header, rollout, superseding: superseding, at: connection.clock.now())
        return try await execute(RunState(header: header, rollout: rollout), gates)
    }

    func resume(_ run: RunState, gates: GateTerms) async throws -> RunState {
        var run = run
        let event = RunEvent.resumed(by: context.person)
        try journal.append(event, to: run.header.id, at: connection.clock.now())
        run.apply(event)
        return try await execute(run, gates)
    }

    private func execute(_ run: RunState, _ gates: GateTerms) async throws -> RunState {
        let reporter = ProgressReporter(context, run: run)
        let engine = RunEngine(
            client: connection.client, journal: journal, clock: connection.clock,
            observer: reporter,
            gates: GateKeeper(
                connection.client, clock: connection.clock, terms: gates.terms),
            patience: gates.patience, maxOutage: maxOutage)
        do throws(JournalError) {
            return try await engine.execute(
                run, onFailure: run.header.kind == .apply ? .stop : .goOn,
                stopRequests: context.stopRequests())
        } catch {
            throw unjournaled(run, error)
        }
    }

    /// The journal failed in the middle of a run: what it announced before was done or is in doubt, and nothing
    /// else was sent.
    private func unjournaled(_ run: RunState, _ error: JournalError) -> CommandFailure {
        let events = (try? journal.events(of: run.header.id))?.map(\.event)
        let known = events.flatMap { RunState(replaying: $0) } ?? run
        return CommandFailure(
            known.hasWritten ? .partial : .failure,
            "\(JournalSentence.of(error))\n"
                + "stopped; \(known.hasWritten ? known.inFlight : "nothing was changed")\n"
                + "Once the state file can be written again: " + known.goOn(options))
    }

    /// Asks, unless `--yes` was given. Without a terminal there is nobody to ask.
    func confirm(_ question: String, yes: Bool) throws {
        try context.confirm(question, yes: yes, changes: "the cluster")
    }
}

extension RunHistory {
    init(journal: JournalStore, cluster: String?, plan: String?) throws {
        // An emergency is of no plan: it may have written to objects of any.
        let states = try journal.runs(cluster: cluster, plan: nil).filter { summary in
            let header = summary.header
            return plan == nil || header.plan == plan || header.isEmergency ?? false
        }.map { summary in
            RunState(replaying: try journal.events(of: summary.header.id).map(\.event))
        }
        self.init(newestFirst: states.compactMap(\.self))
    }
}

extension RunID {
    /// `20261121-013739-k3f9`: sorts by start; the ending tells runs of one second, or of two machines, apart.
    static func make(at time: Timestamp, randomBits: UInt64) -> RunID {
        let alphabet = Array("bcdfghjkmnpqrstvwxz23456789")
        var bits = randomBits
        var ending = ""
        for _ in 0..<4 {
            ending.append(alphabet[Int(bits % UInt64(alphabet.count))])
            bits /= UInt64(alphabet.count)
        }
        return RunID("\(stamp(time))-\(ending)")
    }

    /// `20261121-013739`
    static func stamp(_ time: Timestamp) -> String {
        time.rfc3339.filter { $0.isNumber || $0 == "T" }.replacing("T", with: "-")
    }
}
