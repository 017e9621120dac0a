package import KubernetesClient
import MeshCluster
package import MeshPlanning
import Synchronization
package import Timing

/// Looks at the proxies for a run, and remembers its looks: refusals are counted between them.
package final class GuardKeeper: Sendable {
    private let reader: GuardReader
    private let rule: AbortRule
    /// By batch.
    private let watches = Mutex<[Int: GuardWatch]>([:])

    package init(_ client: KubernetesClient, clock: any RunClock, rule: AbortRule) {
        reader = GuardReader(client, clock: clock)
        self.rule = rule
    }

    package func look(before target: TrafficGuard) async -> GuardLook {
        await reader.look(at: [target])
    }

    /// What is refused since these batches, all of them together.
    package func look(after batches: [GuardedBatch]) async -> GuardReport {
        let look = await reader.look(at: batches.map(\.target))
        let reports = watches.withLock { watches in
            batches.map { batch in
                watches[
                    batch.target.batch,
                    default: GuardWatch([batch.target], rule: rule, base: batch.base)
                ].add(look)
            }
        }
        return GuardReport(of: reports, rule)
    }
}
