package import KubernetesClient
package import MeshModel
package import MeshPlanning
import MeshResources
import Telemetry
package import Timing

/// Reads the telemetry of all proxies once, and tells what is new in it. Only reads.
package struct FlowSampler: Sendable {
    package struct Sample: Sendable {
        package var time: Timestamp
        /// New since the watermarks.
        package var flows: [ObservedFlow]
        /// Of every proxy that is there, by `namespace/pod`.
        package var watermarks: [String: ProxyWatermark]
        /// Proxies that have started anew or are gone: what they counted after their last sample is not known.
        package var restarted: [String]
        package var unplaced: [FlowAccount.Unplaced]
        /// What could not be seen.
        package var unseen: [UnseenTelemetry]
        package var proxies: Int
    }

    private let client: KubernetesClient
    private let clock: any RunClock
    private let rootNamespace: String?
    private var view: View?

    /// What was read of the cluster, and when.
    private struct View: Sendable {
        var state: MeshState
        var time: Timestamp
        var pods: Set<String>
    }

    /// Since when it is known which pods come and go.
    private var watchedSince: Timestamp?
    /// Pods that were there and have gone, the latest last.
    private var departed: [Pod] = []
    private static let mostDeparted = 10_000

    /// After that Services and controllers are read anew, in milliseconds; at once where pods come or go.
    private static let viewLasts: Int64 = 600_000

    package init(_ client: KubernetesClient, clock: any RunClock, rootNamespace: String? = nil) {
        self.client = client
        self.clock = clock
        self.rootNamespace = rootNamespace
    }

    /// - Parameter watermarks: of the last sample that was stored.
    package mutating func sample(
        since watermarks: [String: ProxyWatermark]
    ) async throws(KubernetesError) -> Sample {
        let state = try await look()
        let reader = GateReader(client: client, clock: clock, state: state)
        let account = FlowAccount(
            FlowParties(state, departed: departed, watchedSince: watchedSince))
        let proxies = state.pods.compactMap(Proxy.init)
        let answers = await reader.each(proxies) { [self] proxy in
            await read(proxy, account, watermarks[proxy.name])
        }
        if Task.isCancelled { throw .cancelled }
        return put(answers, since: watermarks)
    }

    private mutating func look() async throws(KubernetesError) -> MeshState {
        if let view, (clock.now() - view.time).wholeMilliseconds < Self.viewLasts {
            let pods =
                try await client.list(.pods, decoder: .json(PodResource.self))?
                .items.map(\.pod) ?? []
            if Set(pods.map(\.meta.uid)) == view.pods {
                var state = view.state
                state.pods = pods
                return state
            }
        }
        let time = clock.now()
        let state = try await ClusterObserver(client).observe(rootNamespace: rootNamespace).state
        let pods = Set(state.pods.map(\.meta.uid))
        departed += view?.state.pods.filter { !pods.contains($0.meta.uid) } ?? []
        departed.removeFirst(max(0, departed.count - Self.mostDeparted))
        watchedSince = watchedSince ?? time
        view = View(state: state, time: time, pods: pods)
        return state
    }

    private func put(
        _ answers: [Answer], since watermarks: [String: ProxyWatermark]
    ) -> Sample {
        var sample = Sample(
            time: clock.now(), flows: [], watermarks: [:], restarted: [], unplaced: [], unseen: [],
            proxies: answers.count)
        var flows = ObservedFlowSet()
        var unplaced: [String: FlowAccount.Unplaced] = [:]
        for answer in answers {
            for flow in answer.result.flows { flows.add(flow) }
            for rest in answer.result.unplaced {
                let key = "\(rest.server) \(rest.security.rawValue)"
                unplaced[
                    key,
                    default: FlowAccount.Unplaced(
                        server: rest.server, security: rest.security, connections: 0)
                ].connections += rest.connections
            }
            let name = answer.proxy.name
            sample.watermarks[name] = answer.result.watermark
            sample.unseen += answer.unseen
            if let before = watermarks[name], before.process != answer.result.watermark.process {
                sample.restarted.append(name)
            }
        }
        sample.restarted += watermarks.keys.filter { sample.watermarks[$0] == nil }
        sample.restarted.sort()
        sample.flows = flows.sorted
        sample.unplaced = unplaced.sorted { $0.key < $1.key }.map(\.value)
        return sample
    }
}

// MARK: - One proxy

extension FlowSampler {
    private struct Proxy: Sendable {
        let pod: Pod
        let kind: ProxyReading.Kind

        /// nil for a pod that is no proxy and has none. Waypoints count what the servers' proxies count, too.
        init?(_ pod: Pod) {
            guard pod.isLive, pod.isBoundAndStarted else { return nil }
            self.pod = pod
            if pod.isZtunnel {
                kind = .ztunnel
                return
            }
            switch pod.dataplane {
            case .sidecar: kind = .sidecar
            case .gateway: kind = .gateway
            case .ambient, .waypoint, .none: return nil
            }
        }

        var name: String { pod.meta.text }

        /// The agent's merged page; a pod may move it.
        var port: Int {
            pod.meta.annotations["status.sidecar.istio.io/port"].flatMap { Int($0) } ?? 15_020
        }

        var process: ProxyWatermark.Process {
            let process = pod.proxyProcess
            return ProxyWatermark.Process(uid: process.uid, runningSince: process.runningSince)
        }
    }

    private struct Answer: Sendable {
        let proxy: Proxy
        let result: FlowAccount.Result
        let unseen: [UnseenTelemetry]
    }

    private func read(
        _ proxy: Proxy, _ account: FlowAccount, _ watermark: ProxyWatermark?
    ) async -> Answer {
        var unseen: [UnseenTelemetry] = []
        let counters = await counters(of: proxy, &unseen)
        let time = clock.now()
        var log: [LogLine]? = []
        if proxy.kind != .gateway,
            account.wantsLog(counters, process: proxy.process, since: watermark)
        {
            log = await lines(of: proxy, since: watermark, at: time, &unseen)
        }
        if counters.value == nil, let watermark {
            await checkRotation(of: proxy, since: watermark, &unseen)
        }
        let reading = ProxyReading(
            kind: proxy.kind, process: proxy.process, time: time, counters: counters, log: log)
        return Answer(
            proxy: proxy, result: account.flows(in: reading, since: watermark), unseen: unseen)
    }

    private func counters(
        of proxy: Proxy, _ unseen: inout [UnseenTelemetry]
    ) async -> Reading<CarriedTraffic> {
        do throws(KubernetesError) {
            let bytes = try await client.podPage(
                namespace: proxy.pod.meta.namespace, pod: proxy.pod.meta.name, port: proxy.port,
                path: "/stats/prometheus")
            let page = String(decoding: bytes, as: UTF8.self)
            do throws(TrafficCounters.Failure) {
                return .seen(CarriedTraffic(try TrafficCounters(page: page)))
            } catch {
                unseen.append(
                    UnseenTelemetry(.counters, of: proxy.name, why: "the page cannot be read"))
            }
        } catch {
            unseen.append(UnseenTelemetry(.counters, of: proxy.name, error))
        }
        return .unseen(why: "")
    }

    /// Longer stretches of a log than this are read piece by piece, one at each sample.
    private static let logBytes = 4 << 20
    /// Of a proxy that was never sampled, in milliseconds.
    private static let firstLog: Int64 = 3_600_000
    /// By how much the clocks of nodes and of this machine may differ, in milliseconds.
    private static let skew: Int64 = 5000

    private func lines(
        of proxy: Proxy, since watermark: ProxyWatermark?, at now: Timestamp,
        _ unseen: inout [UnseenTelemetry]
    ) async -> [LogLine]? {
        let start = watermark.map { $0.logUntil ?? $0.sampledAt }
        let span =
            start.map { (now - $0).wholeMilliseconds.addingClamped(Self.skew) } ?? Self.firstLog
        do throws(KubernetesError) {
            let bytes = try await client.podLog(
                namespace: proxy.pod.meta.namespace, pod: proxy.pod.meta.name,
                container: proxy.kind == .sidecar ? "istio-proxy" : nil,
                sinceSeconds: max(1, span.addingClamped(999) / 1000), limitBytes: Self.logBytes)
            // A line that is cut off is read at the next sample.
            let whole =
                bytes.count < Self.logBytes
                ? bytes[...] : bytes.prefix(upTo: bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0)
            return String(decoding: whole, as: UTF8.self)
                .split(separator: "\n").compactMap { LogLine($0) }
        } catch {
            unseen.append(UnseenTelemetry(.log, of: proxy.name, error))
            return nil
        }
    }

    /// Where the log is all there is, what was rotated away is lost.
    private func checkRotation(
        of proxy: Proxy, since watermark: ProxyWatermark, _ unseen: inout [UnseenTelemetry]
    ) async {
        guard let until = watermark.logUntil, watermark.process == proxy.process,
            let head = try? await client.podLog(
                namespace: proxy.pod.meta.namespace, pod: proxy.pod.meta.name,
                container: proxy.kind == .sidecar ? "istio-proxy" : nil, limitBytes: 4096),
            let first = String(decoding: head, as: UTF8.self).split(separator: "\n").first
                .flatMap({ LogLine($0) }), first.time > until
        else { return }
        unseen.append(
            UnseenTelemetry(
                .log, of: proxy.name, why: "it was rotated since the last sample: lines are missing"
            ))
    }
}
