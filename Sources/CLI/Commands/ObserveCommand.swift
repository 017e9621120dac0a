import ArgumentParser
import Journal
import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

struct ObserveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe",
        abstract: "Watch who talks to whom, and how, and keep it for plan, check and status.",
        discussion: """
            Reads the counters of sidecars and ztunnels again and again, and their access logs where the counters \
            leave open to which port or from whom, and adds the flows to the state file. 'plan' then holds \
            itself to them as to declared flows; 'status' shows the plaintext among them. Changes nothing in the \
            cluster and blocks no apply. 'docs/observing.md' says what is seen and what is not.

            Ctrl-C stops; what was seen stays. The same command goes on for the rest of its time.

            EXAMPLES
              meshctl observe
              meshctl observe --for 7d --every 1m
              meshctl observe --for 1h -o json > flows.json
              meshctl observe --sandbox home-cluster --for 1h

            EXIT CODES
              0 the time is over · 1 error · 6 another observe runs · 64 usage · 77 not permitted · 130 interrupted
            """)

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long to watch, such as 1h or 7d.", valueName: "duration"))
    var span = "24h"

    @Option(
        help: ArgumentHelp(
            "Time between two samples. What a proxy counts after its last one is lost. "
                + "(default: a sixtieth of the whole, from 10s to 5m)",
            valueName: "duration"))
    var every: String?

    @Flag(help: "Begin anew, and do not go on with an observation that was interrupted.")
    var restart = false

    @Option(help: "The mesh's root namespace. (default: what the mesh configuration says)")
    var rootNamespace: String?

    private static let longestDays = 90

    func run() async throws {
        let context = try CommandContext.required()
        guard let goal = ClusterOptions.duration(span, atMostDays: Self.longestDays) else {
            throw CommandFailure(
                .usage, "--for: '\(span)' is no duration up to 90d; write 30m, 24h or 7d")
        }
        let pause = try pause(in: goal)
        try await ClusterConnection.with(cluster, context) { connection in
            try await observe(connection, for: goal, every: pause, context)
        }
    }

    private func pause(in goal: Duration) throws -> Duration {
        guard let every else { return min(max(goal / 60, .seconds(10)), .seconds(300)) }
        guard let pause = ClusterOptions.duration(every), pause >= .seconds(1) else {
            throw CommandFailure(
                .usage, "--every: '\(every)' is no duration from 1s to 24h; write 30s or 5m")
        }
        return pause
    }

    private func observe(
        _ connection: ClusterConnection, for goal: Duration, every pause: Duration,
        _ context: CommandContext
    ) async throws {
        let clusterUID = try await connection.clusterUID()
        let path = cluster.stateFile.path(context)
        // Its own lock: an apply may hold the state file's for hours, and shall not wait for this.
        let lock = try StateLock.acquire(
            statePath: path + ".observe",
            as: context.fileHolder(for: "observe"))
        defer { lock.release() }
        let journal = try JournalStore.open(path: path)
        var window = ObservationWindow(
            startedAt: connection.clock.now(), goal: goal.wholeMilliseconds)
        if !restart, let last = try journal.observations(clusterUID: clusterUID).last,
            !last.isComplete, last.goal == window.goal
        {
            window = last
            context.note(ObservationLine.goingOn(last))
        }
        let progress = ObservationProgress(
            context, known: try journal.observedFlows(clusterUID: clusterUID))
        let engine = ObservationEngine(
            sampler: FlowSampler(
                connection.client, clock: connection.clock, rootNamespace: rootNamespace),
            journal: journal, clock: connection.clock, clusterUID: clusterUID, pause: pause)
        defer { progress.end() }
        let (reached, wasStopped) = try await Self.run(
            engine, window, progress, until: context.stopRequests())
        progress.end()
        context.printReport(
            ObservationReport(
                server: connection.name, window: reached, proxies: progress.last?.proxies ?? 0,
                flows: try journal.observedFlows(clusterUID: clusterUID),
                unplaced: progress.last?.unplaced ?? [], unseen: progress.unseen), output)
        if wasStopped {
            throw CommandFailure(
                .interrupted,
                "stopped; what was seen is stored\nGo on with the same command.")
        }
    }

    private static func run(
        _ engine: ObservationEngine, _ window: ObservationWindow, _ progress: ObservationProgress,
        until stopRequests: AsyncStream<Void>
    ) async throws -> (ObservationWindow, wasStopped: Bool) {
        try await withThrowingTaskGroup(of: ObservationWindow?.self) { group in
            group.addTask {
                try await engine.run(window) { event in try progress.tell(event) }
            }
            group.addTask {
                for await _ in stopRequests { break }
                return nil
            }
            defer { group.cancelAll() }
            if let reached = try await group.next().flatMap(\.self) { return (reached, false) }
            group.cancelAll()
            let reached = try await group.next().flatMap(\.self)
            return (reached ?? window, true)
        }
    }
}
