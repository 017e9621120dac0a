import ArgumentParser
import Journal
import MeshApply
import MeshCluster
import MeshPlanning
import Reporting
import Timing

struct StatePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Learn from the cluster which runs other machines made.",
        discussion: """
            Each run keeps a checkpoint in the cluster before its first change (--state-namespace). Runs that \
            the state file does not know are added to it; they can be rolled back, and are never gone on with: a \
            new plan takes their place. 'apply' and 'rollback' do this by themselves. A checkpoint that is \
            damaged or incomplete is named and left out.

            EXAMPLES
              meshctl state pull
              meshctl state pull --state /var/lib/meshctl/prod.db -o json

            EXIT CODES
              0 done, or nothing new · 1 error, or a checkpoint that cannot be used · 6 locked · 64 usage · \
            77 not permitted · 130 interrupted
            """)

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        try await ClusterConnection.with(cluster, context) { connection in
            let clusterUID = try await connection.clusterUID()
            let path = cluster.stateFile.path(context)
            let lock = try StateLock.acquire(
                statePath: path,
                as: StateLock.Holder(
                    pid: context.processID, host: context.host, command: "state pull",
                    since: context.clock.now()))
            defer { lock.release() }
            let store = CheckpointStore(
                StateNamespace(cluster.stateNamespace, connection.client), connection.client)
            let result = try await CheckpointPull(
                store, try JournalStore.open(path: path), clusterUID: clusterUID
            ).run(by: context.person, at: connection.clock.now())
            try report(result, context)
        }
    }

    private func report(_ result: CheckpointPull.Result, _ context: CommandContext) throws {
        let runs = try StateReader(cluster.stateFile, context).runs()
        let added = Set(result.added.map(\.id))
        context.printReport(
            StatePullReport(
                added: runs.filter { added.contains($0.state.header.id) }, of: runs,
                ended: result.ended, unusable: result.unusable.map(CheckpointSentence.of)), output)
        if !result.unusable.isEmpty { throw CommandFailure(.failure) }
    }
}
