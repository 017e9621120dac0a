package import KubernetesClient
import MeshCluster
package import MeshPlanning
import Synchronization
package import Timing

/// Looks at the proxies for a run, and remembers its looks: refusals are counted between them.
package final class GuardKeeper: Sendable {
    private let reader: GuardReader
    private let clock: any RunClock
    private let rule: AbortRule
    private let state = Mutex(State())

    private struct State {
        /// By batch.
        var watches: [Int: GuardWatch] = [:]
        var isProbed = false
    }

    package init(_ client: KubernetesClient, clock: any RunClock, rule: AbortRule) {
        reader = GuardReader(client, clock: clock)
        self.clock = clock
        self.rule = rule
    }

    package func look(before target: TrafficGuard) async -> GuardLook {
        await reader.look(at: [target])
    }

    /// The run itself has asked something that is to be refused.
    func noteProbe() { state.withLock { $0.isProbed = true } }

    /// What is refused since these batches, all of them together. Where nobody has looked for longer than the
    /// window, as in a run that goes on a day later, it takes two looks to tell.
    package func look(after batches: [GuardedBatch]) async -> GuardReport {
        if await resume(batches) { try? await clock.sleep(for: Self.poll) }
        let (since, isProbed) = state.withLock { state in
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

    private func resume(_ batches: [GuardedBatch]) async -> Bool {
        let now = clock.now()
        let stale = state.withLock { state in
            for batch in batches where state.watches[batch.target.batch] == nil {
                state.watches[batch.target.batch] = GuardWatch(
                    [batch.target], rule: rule, base: batch.base)
            }
            return batches.filter {
                state.watches[$0.target.batch]?.isStale(at: now) ?? false
            }
        }
        guard !stale.isEmpty else { return false }
        let look = await reader.look(at: stale.map(\.target))
        state.withLock { state in
            for batch in stale { state.watches[batch.target.batch]?.resume(at: look) }
        }
        return true
    }

    /// Between two looks.
    static let poll = Duration.seconds(10)
}
