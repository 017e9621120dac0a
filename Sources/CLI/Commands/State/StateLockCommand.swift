import ArgumentParser
import Journal
import MeshCluster
import MeshPlanning
import Reporting
import Timing
import MeshPlanning

struct StateLockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Show who holds the state file and the cluster.",
        discussion: """
            The lock of the cluster is a Lease. Whether its holder is alive shows only in its being renewed, \
            so a Lease that is held is watched until it changes, for at most its duration (15 s).

            EXAMPLES
              meshctl state lock
              meshctl state lock -o json

            EXIT CODES
              0 done, held or not · 1 error · 64 usage · 77 not permitted
            """)

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let path = cluster.stateFile.path(context)
        let present = try StateLock.look(statePath: path)
        let report = try await ClusterConnection.with(cluster, context) { connection in
            let uid = try await connection.clusterUID()
            let seen = try await LeaseLook.look(
                LeaseStore(namespace: cluster.stateNamespace, connection.client),
                clock: connection.clock
            ) {
                context.note("Looking whether \($0) is alive …")
            }
            return LockReport(
                stateFile: LockReport.StateFile(path: path, present),
                cluster: LockReport.Cluster(
                    seen, server: connection.name, namespace: cluster.stateNamespace),
                breaks: try StateReader.lockBreaks(cluster.stateFile, clusterUID: uid, context)
                    .map {
                        LockReport.Break(
                            at: $0.at.rfc3339, by: $0.by, held: $0.heldBy, why: $0.reason)
                    })
        }
        context.printReport(report, output)
    }
}

/// A Lease that was watched until it showed whether its holder is alive.
struct LeaseLook {
    /// nil where there is none.
    var record: LeaseRecord?
    var isAlive = false
    var unchangedFor = Duration.zero

    static func look(
        _ store: LeaseStore, clock: any RunClock, tell: (String) -> Void
    ) async throws -> LeaseLook {
        var watch = LeaseWatch()
        let start = clock.elapsed
        var hasTold = false
        while true {
            let asked = clock.elapsed
            guard let record = try await store.read() else { return LeaseLook() }
            let verdict = watch.look(at: record, asked: asked, answered: clock.elapsed)
            let looked = clock.elapsed - start
            switch verdict {
            case .free: return LeaseLook(record: record)
            case .alive: return LeaseLook(record: record, isAlive: true, unchangedFor: .zero)
            case .abandoned: return LeaseLook(record: record, unchangedFor: looked)
            case .unknown: break
            }
            if !hasTold, looked >= .seconds(1), let holder = record.holder {
                tell(TerminalText.sanitized(holder.sentence))
                hasTold = true
            }
            try await clock.sleep(for: .seconds(1))
        }
    }
}

extension LockReport.StateFile {
    init(path: String, _ present: StateLock.Present) {
        switch present {
        case .free: self.init(path: path, isHeld: false, holder: nil)
        case .held(let holder):
            self.init(
                path: path, isHeld: true,
                holder: holder.map {
                    LockReport.FileHolder(
                        command: $0.command, process: $0.pid, host: $0.host,
                        since: $0.since.rfc3339)
                })
        }
    }
}

extension LockReport.Cluster {
    init(_ seen: LeaseLook, server: String, namespace: String) {
        let record = seen.record
        self.init(
            server: server, namespace: namespace, lease: LeaseStore.name,
            holder: record?.holder.map {
                LockReport.ClusterHolder(
                    identity: $0.text, text: $0.sentence, since: record?.acquiredAt?.rfc3339,
                    isAlive: seen.isAlive, unchangedFor: seen.unchangedFor.wholeMilliseconds)
            },
            openRun: record?.openRun.map {
                LockReport.OpenRun(
                    id: $0.id.text, operation: $0.kind, plan: $0.plan, startedBy: $0.startedBy)
            },
            stopRequest: record?.stopRequest.map {
                LockReport.StopRequest(by: $0.by, why: $0.why)
            },
            lastBreak: record?.broken.map {
                LockReport.Break(at: $0.at, by: $0.by, held: $0.held, why: $0.why)
            })
    }
}
