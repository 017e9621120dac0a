import Journal
import JSON
import KubernetesClient
import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

/// What `apply` and `rollback` share: the locks, the journal, and executing a run.
struct RunSession {
    let connection: ClusterConnection
    let context: CommandContext
    private(set) var journal: JournalStore
    let clusterUID: String
    /// The command's cluster options, for commands that it tells the user to run.
    let options: String
    /// How long a run puts up with an API server that does not answer.
    let maxOutage: Duration
    /// The lock of the cluster, renewed for as long as the session lasts; nil for an emergency, which waits for
    /// nobody.
    let lease: RunLease?
    /// Where meshctl keeps what other machines are to know.
    let stateNamespace: String

    var checkpointStore: CheckpointStore {
        CheckpointStore(StateNamespace(stateNamespace, connection.client), connection.client)
    }

    var checkpoints: CheckpointKeeper { CheckpointKeeper(checkpointStore, journal) }

    /// The same, with a journal that ends with the process.
    func withoutStateFile() throws -> RunSession {
        var session = self
        session.journal = try JournalStore.inMemory()
        return session
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
        try refuseWithoutLock()
        try journal.begin(header, rollout, superseding: superseding, at: connection.clock.now())
        try await name(header)
        return try await execute(RunState(header: header, rollout: rollout), gates) {
            await tidyCheckpoints(of: header.plan, superseded: superseding, entries)
        }
    }

    /// Ends an open run of which nothing is left to do.
    func supersede(_ run: RunState) async throws {
        try refuseWithoutLock()
        let id = run.header.id
        try journal.append(.stopped(.superseded), to: id, at: connection.clock.now())
        if lease?.openRun?.id == id { lease?.nameNone() }
        await tidyCheckpoints(of: run.header.plan, superseded: [id])
    }

    func resume(_ run: RunState, gates: GateTerms) async throws -> RunState {
        try refuseWithoutLock()
        var run = run
        let event = RunEvent.resumed(by: context.person)
        try journal.append(event, to: run.header.id, at: connection.clock.now())
        run.apply(event)
        try await name(run.header)
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
        let reporter = ProgressReporter(context, run: run)
        let engine = RunEngine(
            client: connection.client, journal: journal, clock: connection.clock,
            observer: reporter,
            gates: GateKeeper(
                connection.client, clock: connection.clock, terms: gates.terms),
            lease: lease, patience: gates.patience, maxOutage: maxOutage)
        do throws(JournalError) {
            let result = try await engine.execute(
                run, onFailure: run.header.kind == .apply ? .stop : .goOn,
                stopRequests: context.stopRequests())
            if let lease, result.isFinished, lease.openRun?.id == run.header.id {
                lease.nameNone()
            }
            return result
        } catch {
            // An emergency goes on without its journal.
            if run.isEmergency { throw error }
            throw unjournaled(run, error)
        }
    }

    /// The journal failed in the middle of a run: what it announced before was done or is in doubt, and nothing
    /// else was sent.
    private func unjournaled(_ run: RunState, _ error: JournalError) -> CommandFailure {
        let known = (try? journal.state(of: run.header.id)) ?? run
        return CommandFailure(
            known.hasWritten ? .partial : .failure,
            "\(JournalSentence.of(error))\n"
                + "stopped; \(known.hasWritten ? known.inFlight : "nothing was changed")\n"
                + "Once the state file can be written again: " + known.goOn(options))
    }

    /// The Lease names the run that is open, for machines whose journal does not know it. One that this
    /// journal does not know stays named, unless it is what is undone.
    ///
    /// A rollback does not wait for it: the next renewal says so as well.
    private func name(_ header: RunHeader) async throws {
        guard let lease else { return }
        if let open = lease.openRun, open.id != header.target, try journal.run(open.id) == nil {
            return
        }
        for attempt in 1... {
            do throws(KubernetesError) {
                _ = try await lease.name(LeaseRecord.OpenRun(header))
                break
            } catch {
                if error.isOutage, header.kind == .rollback { return }
                guard error.isOutage, attempt < 10 else { throw error }
            }
            try await connection.clock.sleep(for: .seconds(1))
        }
        try refuseWithoutLock()
    }

    private func refuseWithoutLock() throws {
        guard let end = lease?.end else { return }
        throw CommandFailure(
            .locked, TerminalText.sanitized("\(end.words); nothing was begun"))
    }

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
        }.map { try journal.state(of: $0.header.id) }
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
