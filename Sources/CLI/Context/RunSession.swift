import Journal
import JSON
import MeshApply
import MeshCluster
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
    /// Where meshctl keeps what other machines are to know.
    let stateNamespace: String
    private let lock: StateLock

    var checkpointStore: CheckpointStore {
        CheckpointStore(StateNamespace(stateNamespace, connection.client), connection.client)
    }

    var checkpoints: CheckpointKeeper { CheckpointKeeper(checkpointStore, journal) }

    static func open(
        _ options: ClusterOptions, connection: ClusterConnection, command: String,
        maxOutage: Duration, _ context: CommandContext
    ) async throws -> RunSession {
        // The cluster first: a wrong address is told before any file is touched.
        let clusterUID = try await connection.clusterUID()
        let path = options.stateFile.path(context)
        let lock = try StateLock.acquire(
            statePath: path,
            as: StateLock.Holder(
                pid: context.processID, host: context.host, command: command,
                since: context.clock.now()))
        return RunSession(
            connection: connection, context: context, journal: try JournalStore.open(path: path),
            clusterUID: clusterUID, options: options.asGiven, maxOutage: maxOutage,
            stateNamespace: options.stateNamespace, lock: lock)
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
    ///
    /// - Parameter entries: the checkpoints that there are, of which old ones go.
    func start(
        _ header: RunHeader, _ rollout: Rollout, gates: GateTerms, superseding: [RunID] = [],
        tidying entries: [CheckpointEntry] = []
    ) async throws -> RunState {
        try journal.begin(header, rollout, superseding: superseding, at: connection.clock.now())
        return try await execute(RunState(header: header, rollout: rollout), gates) {
            await tidyCheckpoints(of: header.plan, superseded: superseding, entries)
        }
    }

    func resume(_ run: RunState, gates: GateTerms) async throws -> RunState {
        var run = run
        let event = RunEvent.resumed(by: context.person)
        try journal.append(event, to: run.header.id, at: connection.clock.now())
        run.apply(event)
        return try await execute(run, gates)
    }

    /// An apply changes nothing before its checkpoint is in the cluster; a rollback does not wait for its own.
    ///
    /// - Parameter prepare: what follows the checkpoint of an apply.
    private func execute(
        _ run: RunState, _ gates: GateTerms, prepare: () async -> Void = {}
    ) async throws -> RunState {
        let ended: RunState
        var isKept = true
        switch run.header.kind {
        case .apply:
            try await keepCheckpoint(of: run)
            await prepare()
            ended = try await perform(run, gates)
        case .rollback:
            async let kept = tryToKeepCheckpoint(of: run)
            ended = try await perform(run, gates)
            // What is not waited for is given up: a stopped command is not to hang on it.
            if !ended.isFinished { return ended }
            isKept = await kept
        }
        await closeCheckpoint(of: ended, isKept: isKept)
        return ended
    }

    private func perform(_ run: RunState, _ gates: GateTerms) async throws -> RunState {
        let reporter = ProgressReporter(context, rollout: run.rollout)
        let engine = RunEngine(
            client: connection.client, journal: journal, clock: connection.clock,
            observer: reporter,
            gates: GateKeeper(
                connection.client, clock: connection.clock, terms: gates.terms),
            patience: gates.patience, maxOutage: maxOutage)
        return try await engine.execute(
            run, onFailure: run.header.kind == .apply ? .stop : .goOn,
            stopRequests: context.stopRequests())
    }

    /// Asks, unless `--yes` was given. Without a terminal there is nobody to ask.
    func confirm(_ question: String, yes: Bool) throws {
        if yes { return }
        guard context.isInteractive else {
            throw CommandFailure(
                .usage,
                "this changes the cluster and there is no terminal to ask\n"
                    + "Add --yes to go ahead.")
        }
        context.standardError.write("\(question) Only 'yes' is accepted: ")
        guard context.readLine() == "yes" else {
            throw CommandFailure(.failure, "cancelled, nothing was changed")
        }
    }
}

extension RunHistory {
    init(journal: JournalStore, cluster: String?, plan: String?) throws {
        let states = try journal.runs(cluster: cluster, plan: plan).map { summary in
            RunState(replaying: try journal.events(of: summary.header.id).map(\.event))
        }
        self.init(newestFirst: states.compactMap(\.self))
    }
}

extension RunID {
    /// `20261121-013739-k3f9`: sorts by start; the ending tells runs of one second, or of two machines, apart.
    static func make(at time: Timestamp, randomBits: UInt64) -> RunID {
        let digits = time.rfc3339.filter { $0.isNumber || $0 == "T" }
        let stamp = digits.replacing("T", with: "-")
        let alphabet = Array("bcdfghjkmnpqrstvwxz23456789")
        var bits = randomBits
        var ending = ""
        for _ in 0..<4 {
            ending.append(alphabet[Int(bits % UInt64(alphabet.count))])
            bits /= UInt64(alphabet.count)
        }
        return RunID("\(stamp)-\(ending)")
    }
}
