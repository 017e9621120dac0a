import KubernetesClient
package import MeshPlanning
import MeshModel
import MeshResources
import Telemetry
import Timing

extension NoPlaintext: SampledGate {
    /// Looks, and looks again every five minutes, until each target is proved, or one has failed, or longer does
    /// not help.
    package func sample(with reader: GateReader) async -> Sample {
        var session = PlaintextSession(self, reader)
        await session.look()
        var last = reader.clock.now()
        while let rest = session.remaining {
            if let haste = reader.haste {
                for workload in session.sample.targets.keys {
                    session.sample.targets[workload]?.haste = haste
                }
                break
            }
            let pause = max(min(rest, Self.stride), server == nil ? 0 : Self.scrape)
            do { try await reader.clock.sleep(for: .milliseconds(pause)) } catch { break }
            // A clock that stands still would never end it.
            guard reader.clock.now() > last else { break }
            last = reader.clock.now()
            await session.look()
        }
        await session.compareWithPodsNow()
        await session.readAccessLogs()
        return session.sample(until: reader.clock.now())
    }

    /// Between two looks, in milliseconds: a proxy that restarts loses what it counted since the last.
    private static let stride: Int64 = 300_000
    /// Prometheus has nothing new sooner, in milliseconds.
    private static let scrape: Int64 = 5000
}

/// Which proxies count for the targets of one question, and what they have said so far.
struct PlaintextSession {
    /// A proxy to ask; a ztunnel is asked once for all targets on its node.
    struct Source: Sendable {
        var proxy: Pod
        var isZtunnel: Bool
        /// The pods of each target behind it.
        var pods: [String: [Pod]]
    }

    let question: NoPlaintext
    let reader: GateReader
    private let targetPods: [String: [Pod]]
    let sources: [Source]
    var sample = NoPlaintext.Sample()
    private var looks = 0

    init(_ question: NoPlaintext, _ reader: GateReader) {
        self.question = question
        self.reader = reader
        targetPods = Self.pods(of: question, in: reader.state)
        let ztunnels = Dictionary(
            grouping: reader.state.pods.filter { $0.isZtunnel && $0.isLive }, by: \.nodeName)
        var byProxy: [PodKey: Source] = [:]
        let seldom = SeldomClients(reader.state, windowMilliseconds: question.windowMilliseconds)
        for target in question.targets {
            var seen = NoPlaintext.Seen(seldomClients: seldom.among(target.clients))
            for pod in targetPods[target.workload] ?? [] {
                let proxies =
                    switch pod.dataplane {
                    case .sidecar: [pod]
                    case .ambient: ztunnels[pod.nodeName] ?? []
                    case .none, .gateway, .waypoint: [Pod]()
                    }
                if proxies.isEmpty { seen.uncounted.append(pod.meta.text) }
                for proxy in proxies {
                    let key = PodKey(proxy)
                    byProxy[
                        key,
                        default: Source(
                            proxy: proxy, isZtunnel: pod.dataplane == .ambient, pods: [:])
                    ].pods[target.workload, default: []].append(pod)
                }
            }
            sample.targets[target.workload] = seen
        }
        sources = byProxy.sorted { $0.key < $1.key }.map(\.value)
    }

    /// How long to wait until the next look, in milliseconds; nil where no look is needed.
    var remaining: Int64? {
        var rest: Int64 = 0
        for target in question.targets {
            let seen = sample.targets[target.workload] ?? NoPlaintext.Seen()
            if question.fails(target, seen) { return nil }
            rest = max(rest, question.remaining(target, seen))
        }
        return rest > 0 ? rest : nil
    }

    /// Takes the counters of every proxy, from Prometheus where there is one.
    mutating func look() async {
        looks += 1
        if let server = question.server {
            await lookBack(with: server)
        } else {
            await lookAtPages()
        }
    }

    private mutating func lookAtPages() async {
        let reader = reader
        let looks = await reader.each(sources) { source in
            let counters = await reader.counters(of: source.proxy)
            return (
                counters.map { $0.filter { $0.reporter == .destination } }, reader.clock.now()
            )
        }
        for (source, (counters, time)) in zip(sources, looks) {
            for workload in source.pods.keys.sorted() {
                record(counters, of: source, for: workload, at: time)
            }
        }
    }

    private mutating func record(
        _ counters: Reading<TrafficCounters>, of source: Source, for workload: String,
        at time: Timestamp
    ) {
        let name = source.name
        let counters = counters.map { counters in
            source.isZtunnel ? counters.received(by: workload) : counters
        }
        var seen = sample.targets[workload] ?? NoPlaintext.Seen()
        defer { sample.targets[workload] = seen }
        guard let index = seen.proxies.firstIndex(where: { $0.name == name }) else {
            let since = source.countsSince(for: workload)
            seen.proxies.append(
                NoPlaintext.Proxy(
                    name: name, isZtunnel: source.isZtunnel,
                    watch: counters.map { ProxyWatch($0, at: time, countsSince: since) }))
            return
        }
        // A proxy that could not be read once has a hole that later looks do not fill.
        guard case .seen(var watch) = seen.proxies[index].watch else { return }
        switch counters {
        case .unseen(let why): seen.proxies[index].watch = .unseen(why: why)
        case .seen(let counters):
            watch.add(counters, at: time)
            seen.proxies[index].watch = .seen(watch)
        }
    }

    private static func pods(
        of question: NoPlaintext, in state: MeshState
    ) -> [String: [Pod]] {
        let index = WorkloadIndex(state)
        let wanted = Set(question.targets.map(\.workload))
        let running = state.pods.filter { $0.isLive && $0.isBoundAndStarted }
        return Dictionary(grouping: running, by: index.text).filter { wanted.contains($0.key) }
    }
}

extension PlaintextSession {
    /// With what was observed before.
    func sample(until end: Timestamp) -> NoPlaintext.Sample {
        var sample = sample
        sample.until = end
        for target in question.targets {
            sample.targets[target.workload]?.observed = ObservedPlaintext.all(
                reader.observed, to: target, in: reader.state)
        }
        return sample
    }

    /// Looks whether the same pods and processes still run that were asked first.
    mutating func compareWithPodsNow() async {
        let spaces = Set(
            sources.flatMap { [$0.proxy] + $0.pods.values.joined() }.map(\.meta.namespace)
        )
        .union(question.targets.map { TargetName($0.workload).namespace })
        guard looks > 1 else { return }
        let client = reader.client
        let lists = await reader.each(spaces.sorted()) { space -> [Pod]? in
            try? await client.list(.pods, namespace: space, decoder: .json(PodResource.self))?
                .items.map(\.pod)
        }
        guard !lists.contains(where: { $0 == nil }) else {
            note("its pods could not be read again after they were watched")
            return
        }
        var state = reader.state
        state.pods = lists.compactMap(\.self).flatMap(\.self)
        let now = Self.pods(of: question, in: state)
        let processes = Dictionary(
            state.pods.map { (PodKey($0), $0.proxyProcess) }, uniquingKeysWith: { a, _ in a })
        for target in question.targets {
            note(changesOf: target.workload, now: now[target.workload] ?? [], processes)
        }
    }

    /// A gap of every target.
    mutating func note(_ gap: String) {
        for workload in sample.targets.keys { sample.targets[workload]?.gaps.append(gap) }
    }

    private mutating func note(
        changesOf workload: String, now: [Pod], _ processes: [PodKey: ProxyProcess]
    ) {
        let before = Set((targetPods[workload] ?? []).map(PodKey.init))
        let after = Set(now.map(PodKey.init))
        var gaps = after.subtracting(before).sorted().map { "pod \($0.text) came meanwhile" }
        gaps += before.subtracting(after).sorted().map { "pod \($0.text) went meanwhile" }
        for source in sources where source.pods[workload] != nil {
            let key = PodKey(source.proxy)
            if processes[key] != source.proxy.proxyProcess, source.isZtunnel || after.contains(key)
            {
                gaps.append("the proxy of pod \(key.text) started anew meanwhile")
            }
        }
        sample.targets[workload]?.gaps += gaps
    }

    /// Reads the access logs of the proxies that counted plaintext while they were watched: for its port, and
    /// for where it came from.
    mutating func readAccessLogs() async {
        let callers = CallerNames(reader.state)
        for source in sources {
            for workload in source.pods.keys.sorted() {
                guard let seen = sample.targets[workload],
                    let index = seen.proxies.firstIndex(where: { $0.name == source.name }),
                    let watch = seen.proxies[index].watch.value, watch.last > watch.first,
                    watch.received.plaintextArrivals > 0
                else { continue }
                let arrivals = await arrivals(
                    at: source, for: workload, watch, callers)
                sample.targets[workload]?.proxies[index].arrivals = arrivals
            }
        }
    }

    private func arrivals(
        at source: Source, for workload: String, _ watch: ProxyWatch, _ callers: CallerNames
    ) async -> Reading<[NoPlaintext.Arrival]> {
        let log = await reader.log(
            of: source.proxy, container: source.isZtunnel ? nil : "istio-proxy",
            within: reader.clock.now() - watch.first)
        let addresses = Set((source.pods[workload] ?? []).map(\.ip))
        return log.map { lines in
            var counts: [String: [Int: Int]] = [:]
            for line in lines.lazy.compactMap({ LogLine($0) })
            where line.time > watch.first && line.time <= watch.last {
                let arrival =
                    source.isZtunnel
                    ? PlaintextArrival(ztunnel: line) : PlaintextArrival(sidecar: line)
                guard let arrival, !source.isZtunnel || addresses.contains(arrival.to.address)
                else { continue }
                counts[callers.name(of: arrival.from.address), default: [:]][
                    arrival.to.port, default: 0] += 1
            }
            return counts.flatMap { from, ports in
                ports.map { NoPlaintext.Arrival(from: from, port: $0.key, count: $0.value) }
            }.sorted()
        }
    }
}

extension PlaintextSession.Source {
    var name: String { "\(isZtunnel ? "ztunnel" : "pod") \(proxy.meta.text)" }

    /// Since when its counters speak for the target: since it runs, and for ztunnel, since the pods are there:
    /// what reached their predecessors on other nodes was counted there.
    func countsSince(for workload: String) -> Timestamp? {
        guard let since = proxy.proxyProcess.runningSince else { return nil }
        guard isZtunnel else { return since }
        let births = (pods[workload] ?? []).map { Timestamp(rfc3339: $0.meta.creationTimestamp) }
        return births.reduce(since) { latest, birth in
            guard let latest, let birth else { return nil }
            return max(latest, birth)
        }
    }
}

extension TrafficCounters {
    /// Of a ztunnel's counters, those of one workload.
    fileprivate func received(by workload: String) -> TrafficCounters {
        let name = TargetName(workload)
        return filter { name.isCalled($0.destination) }
    }
}
