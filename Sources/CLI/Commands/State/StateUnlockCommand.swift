import ArgumentParser
import Journal
import MeshCluster
import Reporting
import Timing

struct StateUnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Break the lock of the cluster, with a reason that is kept.",
        discussion: """
            Rarely needed: a holder that is gone is taken over from by itself after 15 s, and 'meshctl rollback' \
            asks an apply to stop. Whoever holds the lock finds out before its next write, and stops. The reason is \
            kept in the state file and on the Lease. The state file's own lock goes with its process.

            EXAMPLES
              meshctl state lock
              meshctl state unlock --reason 'a rollback hangs on the build host, which I cannot reach'

            EXIT CODES
              0 done, or nobody holds it · 1 error · 64 usage · 77 not permitted
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(help: "Why.")
    var reason: String

    @Flag(help: "Go ahead without asking.")
    var yes = false

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) || reason.utf8.count > 1000 {
            throw ValidationError("--reason takes a reason of at most 1000 bytes")
        }
    }

    func run() async throws {
        let context = try CommandContext.required()
        try await ClusterConnection.with(cluster, context) { connection in
            let uid = try await connection.clusterUID()
            let store = LeaseStore(namespace: cluster.stateNamespace, connection.client)
            guard let record = try await store.read(), let holder = record.holder else {
                context.note("Nobody holds the lock of the cluster.")
                return
            }
            let since = record.acquiredAt.map { ", since \($0.rfc3339)" } ?? ""
            context.note(
                TerminalText.sanitized("The cluster is locked: \(holder.sentence)\(since)"))
            try context.confirm("Break this lock?", yes: yes, changes: "the lock of the cluster")
            // A state file that cannot be written is told before anything is changed.
            let journal = try JournalStore.open(path: cluster.stateFile.path(context))
            let now = connection.clock.now()
            let note = LeaseRecord.Break(
                by: context.person, why: reason, at: now.rfc3339, held: holder.text)
            guard try await store.breakLock(record, note) != nil else {
                throw CommandFailure(
                    .failure, "somebody else has the lock by now, and keeps it: nothing was broken")
            }
            try journal.record(
                LockBreak(at: now, by: context.person, heldBy: holder.text, reason: reason),
                clusterUID: uid)
            context.note("The lock is broken. Its holder stops before its next write.")
        }
    }
}
