package import KubernetesClient
import MeshCluster
package import MeshPlanning
import Synchronization
package import Timing

/// Looks at the proxies for a run, and remembers its looks: refusals are counted between them.
package final class GuardKeeper: Sendable {
    private let reader: GuardReader
    private let rule: AbortRule
    private let state = Mutex(State())

    private struct State {
        /// By batch.
        var watches: [Int: GuardWatch] = [:]
        var isProbed = false
    }

    package init(_ client: KubernetesClient, clock: any RunClock, rule: AbortRule) {
        reader = GuardReader(client, clock: clock)
        self.rule = rule
    }

    package func look(before target: TrafficGuard) async -> GuardLook {
        await reader.look(at: [target])
    }

    /// The run itself has asked something that is to be refused.
    func noteProbe() { state.withLock { $0.isProbed = true } }

    /// What is refused since these batches, all of them together.
    package func look(after batches: [GuardedBatch]) async -> GuardReport {
        let (since, isProbed) = state.withLock { state in
            for batch in batches where state.watches[batch.target.batch] == nil {
                state.watches[batch.target.batch] = GuardWatch(
                    [batch.target], rule: rule, base: batch.base)
            }
            defer { state.isProbed = false }
            let watched = batches.compactMap { state.watches[$0.target.batch] }
            return (watched.map(\.logsSince).min(), state.isProbed)
        }
        let look = await reader.look(at: batches.map(\.target), since: since)
        let reports = state.withLock { state in
            batches.compactMap { batch in
                state.watches[batch.target.batch]?.add(look, isProbed: isProbed)
            }
        }
        return GuardReport(of: reports, rule)
    }
}
