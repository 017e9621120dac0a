import Journal
import KubernetesClient
import MeshCluster
import MeshPlanning
import Reporting
import Synchronization
import Timing

extension RunSession {
    /// Opens the state file, takes both locks, runs the command's work, and lets go of them, whatever happens.
    ///
    /// The state file comes first: one that cannot be used is told before anything is written to the cluster. An
    /// apply leaves the cluster to who works on it; a rollback asks an apply to stop, and takes over from one that is
    /// gone or does not answer.
    static func with(
        _ options: ClusterOptions, connection: ClusterConnection, command: String,
        maxOutage: Duration, _ context: CommandContext, _ body: (RunSession) async throws -> Void
    ) async throws {
        // A wrong address is told before any file is touched.
        let patient = connection.patientClient(for: maxOutage, context)
        let clusterUID = try await connection.clusterUID(by: command == "rollback" ? patient : nil)
        let file = StateFileLock(
            path: options.stateFile.path(context),
            holder: StateLock.Holder(
                pid: context.processID, host: context.host, command: command,
                since: context.clock.now()))
        try file.acquire(mayWait: command == "rollback")
        let journal = try JournalStore.open(path: file.path)
        let lease = try await acquire(options, connection, command, maxOutage, context)
        let session = RunSession(
            connection: connection, context: context, journal: journal, clusterUID: clusterUID,
            options: options.asGiven, maxOutage: maxOutage, lease: lease,
            stateNamespace: options.stateNamespace)
        let result = await withTaskGroup(of: Void.self) { group -> Result<Void, any Error> in
            group.addTask { await lease.keep() }
            group.addTask {
                for await end in lease.endings() {
                    context.note(TerminalText.sanitized(end.words))
                }
            }
            defer { group.cancelAll() }
            do {
                try await file.acquireLate(from: lease.takenFrom, connection.clock, context)
                try await body(session)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        // The file first: whoever is told that the cluster is free finds it free, too.
        file.release()
        await lease.release()
        try result.get()
    }

    /// For an emergency, which waits for nobody: without the lock of the cluster, and what is wrong with the state
    /// file does not stop it, but is returned. `file` is the lock of the state file, where it could be had.
    static func inAnyCase(
        _ options: ClusterOptions, connection: ClusterConnection, clusterUID: String,
        command: String, maxOutage: Duration, _ context: CommandContext
    ) throws -> (session: RunSession, file: StateLock?, obstacle: CommandFailure?) {
        let path = options.stateFile.path(context)
        func session(_ journal: JournalStore) -> RunSession {
            RunSession(
                connection: connection, context: context, journal: journal,
                clusterUID: clusterUID, options: options.asGiven, maxOutage: maxOutage, lease: nil,
                stateNamespace: options.stateNamespace)
        }
        do {
            let file = try StateLock.acquire(
                statePath: path,
                as: StateLock.Holder(
                    pid: context.processID, host: context.host, command: command,
                    since: context.clock.now()))
            return (session(try JournalStore.open(path: path)), file, nil)
        } catch {
            let obstacle = ErrorConversion.failure(for: error)
            return (session(try JournalStore.inMemory()), nil, obstacle)
        }
    }

    /// The same, with a journal that ends with the process.
    func withoutStateFile() throws -> RunSession {
        RunSession(
            connection: connection, context: context, journal: try JournalStore.inMemory(),
            clusterUID: clusterUID, options: options, maxOutage: maxOutage, lease: lease,
            stateNamespace: stateNamespace)
    }

    private static func acquire(
        _ options: ClusterOptions, _ connection: ClusterConnection, _ command: String,
        _ maxOutage: Duration, _ context: CommandContext
    ) async throws -> RunLease {
        do {
            return try await RunLease.acquire(
                namespace: options.stateNamespace,
                as: LeaseHolder(
                    person: context.person, processID: context.processID, command: command,
                    bits: context.randomBits()),
                command == "rollback" ? .insists : .yields,
                client: enduring(connection, maxOutage, context), clock: connection.clock,
                patience: maxOutage
            ) { record in
                guard let holder = record.holder else { return }
                context.note(
                    TerminalText.sanitized(
                        "The cluster is locked: \(holder.sentence). Waiting to see whether it is alive …"
                    ))
            }
        } catch let held as RunLease.Held {
            throw held.failure(options: options.asGiven)
        } catch let error as KubernetesError where error.status?.isForbidden == true {
            throw CommandFailure(
                .notPermitted,
                """
                \(ErrorConversion.failure(for: error).message)
                meshctl keeps the lock of the cluster as Lease \(LeaseStore.name) in namespace \(options.stateNamespace), which it makes where it is missing.
                Another namespace, in which you may get, create and patch Leases, can be named with --state-namespace.
                """)
        }
    }
}

extension RunSession {
    /// A server that is away is waited for as in a run: a rollback has to get through in an incident.
    private static func enduring(
        _ connection: ClusterConnection, _ maxOutage: Duration, _ context: CommandContext
    ) -> KubernetesClient {
        let hasTold = Mutex(false)
        return connection.client.enduring(
            Endurance(limit: maxOutage, clock: connection.clock) { report in
                guard case .away(let outage) = report else { return }
                let isNews = hasTold.withLock { hasTold in
                    defer { hasTold = true }
                    return !hasTold
                }
                guard isNews else { return }
                context.note(
                    ProgressLine.away(
                        since: outage.since, left: outage.until - outage.now,
                        why: outage.failure.sentence
                    ).text)
            })
    }
}

/// The lock of the state file, as a command that may have to wait for it takes it.
private final class StateFileLock {
    let path: String
    private let holder: StateLock.Holder
    private var lock: StateLock?

    init(path: String, holder: StateLock.Holder) {
        self.path = path
        self.holder = holder
    }

    /// - Parameter mayWait: where somebody has it, go on without it for now.
    func acquire(mayWait: Bool) throws {
        do throws(StateLock.Failure) {
            lock = try StateLock.acquire(statePath: path, as: holder)
        } catch {
            guard mayWait, case .held = error else { throw error }
        }
    }

    /// Takes it once the cluster's lock is ours: who had both is about to let go of it. A process that did not
    /// even renew the cluster's lock hangs, and would hold the file until it is ended: it is gone on without it.
    /// The journal is append-only, and what that process may still write to it is about its own run.
    func acquireLate(
        from former: LeaseHolder?, _ clock: any RunClock, _ context: CommandContext
    ) async throws {
        let deadline = clock.elapsed + .seconds(5)
        while lock == nil {
            do throws(StateLock.Failure) {
                lock = try StateLock.acquire(statePath: path, as: holder)
            } catch {
                guard case .held(_, let present) = error else { throw error }
                let hangs = present.map { $0.pid == former?.parts?.processID } ?? false
                guard clock.elapsed >= deadline else {
                    try await clock.sleep(for: .milliseconds(200))
                    continue
                }
                guard hangs, let present else { throw error }
                context.note(
                    "Process \(present.pid) does not answer, and still holds the state file: "
                        + "going on without its lock. End it with: kill -9 \(present.pid)")
                return
            }
        }
    }

    func release() { lock?.release() }
}

extension RunLease.Held {
    func failure(options: String) -> CommandFailure {
        let since = record.acquiredAt.map { ", since \($0.rfc3339)" } ?? ""
        let run = record.openRun.map { ", run \($0.id)" } ?? ""
        let holder = record.holder?.sentence ?? "nobody"
        var lines = ["the cluster is locked: \(holder)\(since)\(run)"]
        if wasAsked { lines.append("It was asked to stop, and goes on.") }
        lines = lines.map { TerminalText.sanitized($0) }
        if holder.hasPrefix("rollback") || wasAsked {
            lines.append("Wait for it to end.")
        } else {
            lines.append("Wait for it to end. To stop it and go back: meshctl rollback\(options)")
        }
        lines.append(
            "Look at the lock with: meshctl state lock\(options)")
        return CommandFailure(.locked, lines.joined(separator: "\n"))
    }
}

extension LockEnd {
    /// May hold anything: sanitize it.
    var words: String {
        switch self {
        case .taken(let who): "the lock of the cluster is lost to \(who)"
        case .asked(let who, let why): "asked to stop, \(why), by \(who)"
        }
    }
}
