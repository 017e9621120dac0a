package import Journal
import KubernetesClient
package import MeshCluster
package import MeshModel
package import MeshPlanning
package import Timing

/// Takes samples until the window is full, and stores each before the next: a kill loses no more than the sample
/// in hand, whose connections the next one counts.
package struct ObservationEngine: Sendable {
    package enum Event: Sendable {
        /// Stored. `new` are flows that were not known of this cluster.
        case sampled(FlowSampler.Sample, new: [ObservedFlow], ObservationWindow)
        /// Nothing was stored; the next sample counts it, too.
        case missed(why: String)
    }

    /// Clients outside the cluster that are kept by their address, at each server: they may be the whole Internet.
    package static let addressesPerServer = 256

    private let sampler: FlowSampler
    private let journal: JournalStore
    private let clock: any RunClock
    private let clusterUID: String
    private let pause: Duration

    /// - Parameter pause: between two samples.
    package init(
        sampler: FlowSampler, journal: JournalStore, clock: any RunClock, clusterUID: String,
        pause: Duration
    ) {
        self.sampler = sampler
        self.journal = journal
        self.clock = clock
        self.clusterUID = clusterUID
        self.pause = pause
    }

    /// Goes on with the window until it is full. Throws where the first sample fails, and where the state file does;
    /// later a sample that fails is only told of. Cancelled, or when `tell` throws, it ends with what is stored.
    package func run(
        _ window: ObservationWindow, tell: (Event) throws -> Void
    ) async throws -> ObservationWindow {
        var window = window
        var sampler = sampler
        var watermarks = try journal.watermarks(clusterUID: clusterUID)
        var stored = watermarks
        var known = KnownFlows(try journal.observedFlows(clusterUID: clusterUID))
        var last: Timestamp?
        while true {
            do {
                let begun = clock.now()
                let sample = try await sampler.sample(since: watermarks)
                var next = window
                if let last { next.covered += max(0, (begun - last).wholeMilliseconds) }
                next.sampledAt = begun
                let flows = known.bounded(sample.flows)
                let changed = sample.watermarks.filter { name, watermark in
                    !(stored[name].map(watermark.isAsGood(as:)) ?? false)
                }
                let gone = stored.keys.filter { sample.watermarks[$0] == nil }.sorted()
                try journal.record(
                    flows, watermarks: changed, gone: gone, in: next, clusterUID: clusterUID)
                (window, last) = (next, begun)
                watermarks = sample.watermarks
                for name in gone { stored[name] = nil }
                stored.merge(changed) { $1 }
                try tell(.sampled(sample, new: known.add(flows), window))
            } catch let error as KubernetesError where last != nil && !Task.isCancelled {
                try tell(.missed(why: error.sentence))
            } catch JournalError.busy where last != nil {
                try tell(.missed(why: "another process has held the state file"))
            } catch KubernetesError.cancelled where Task.isCancelled {
                return window
            }
            if window.isComplete { return window }
            let before = clock.now()
            let rest = min(pause, .milliseconds(max(1, window.remaining)))
            guard (try? await clock.sleep(for: rest)) != nil, clock.now() > before else {
                return window
            }
        }
    }
}

/// Which flows of the cluster are stored.
private struct KnownFlows {
    private var ids: Set<ObservedFlow.ID> = []
    private var addresses: [ObservedFlow.Server: Set<String>] = [:]

    init(_ flows: [ObservedFlow]) {
        for flow in flows {
            ids.insert(flow.id)
            if case .address(let address) = flow.client {
                addresses[flow.server, default: []].insert(address)
            }
        }
    }

    /// Those that were not known.
    mutating func add(_ flows: [ObservedFlow]) -> [ObservedFlow] {
        flows.filter { ids.insert($0.id).inserted }
    }

    /// Addresses beyond the limit become unknown clients.
    mutating func bounded(_ flows: [ObservedFlow]) -> [ObservedFlow] {
        var result = ObservedFlowSet()
        for var flow in flows {
            if case .address(let address) = flow.client {
                var here = addresses[flow.server] ?? []
                if !here.contains(address) {
                    if here.count < ObservationEngine.addressesPerServer {
                        here.insert(address)
                    } else {
                        flow.client = .unknown
                    }
                }
                addresses[flow.server] = here
            }
            result.add(flow)
        }
        return result.sorted
    }
}
