import Journal
import MeshModel
import MeshPlanning
import Reporting
import Timing

/// The journal for commands that only show it; a state file that is not there has no runs.
struct StateReader {
    private let journal: JournalStore?

    init(_ options: StateOptions, _ context: CommandContext) throws {
        do throws(JournalError) {
            journal = try JournalStore.open(path: options.path(context), readOnly: true)
        } catch .missing {
            journal = nil
        }
    }

    /// Newest first.
    func runs() throws -> [RecordedRun] {
        guard let journal else { return [] }
        return try journal.runs().compactMap { summary in
            try journal.state(of: summary.header.id).map {
                RecordedRun($0, startedAt: summary.startedAt)
            }
        }
    }

    func events(of id: RunID) throws -> [(time: Timestamp, event: RunEvent)] {
        try journal?.events(of: id).map { ($0.time, $0.event) } ?? []
    }

    /// What the runs changed and no rollback undid, by cluster: the one with the newest run first.
    func clusters() throws -> [ClusterObjects] {
        guard let journal else { return [] }
        var order: [String] = []
        var servers: [String: String] = [:]
        var runs: [String: [[(time: Timestamp, event: RunEvent)]]] = [:]
        for summary in try journal.runs() {
            let uid = summary.header.clusterUID
            if runs[uid] == nil {
                order.append(uid)
                servers[uid] = summary.header.server
            }
            runs[uid, default: []].append(try events(of: summary.header.id))
        }
        return order.map { uid in
            ClusterObjects(
                clusterUID: uid, server: servers[uid] ?? "",
                objects: ManagedObject.all(in: (runs[uid] ?? []).reversed()))
        }
    }

    static func observedFlows(
        _ options: StateOptions, clusterUID: String, _ context: CommandContext
    ) throws -> [ObservedFlow] {
        try observed(options, context)?.observedFlows(clusterUID: clusterUID) ?? []
    }

    static func observations(
        _ options: StateOptions, clusterUID: String, _ context: CommandContext
    ) throws -> [ObservationWindow] {
        try observed(options, context)?.observations(clusterUID: clusterUID) ?? []
    }

    static func lockBreaks(
        _ options: StateOptions, clusterUID: String, _ context: CommandContext
    ) throws -> [LockBreak] {
        do throws(JournalError) {
            return try JournalStore.open(path: options.path(context), readOnly: true)
                .lockBreaks(clusterUID: clusterUID)
        } catch .missing, .needsMigration {
            // A file that is older than broken locks has none.
            return []
        }
    }

    /// Only looks: a file that is not there, or is older than observed flows, has none and stays so.
    private static func observed(
        _ options: StateOptions, _ context: CommandContext
    ) throws -> JournalStore? {
        do throws(JournalError) {
            return try JournalStore.open(path: options.path(context), readOnly: true)
        } catch .missing {
            return nil
        } catch .needsMigration(_, let version, _)
            where version < JournalStore.firstVersionWithObservedFlows
        {
            return nil
        }
    }
}
