package import KubernetesClient
package import MeshPlanning
package import Timing
import MeshModel
import Telemetry

/// Looks at the proxies that could tell of refusals.
package struct GuardReader: Sendable {
    private let client: KubernetesClient
    private let reader: GateReader

    /// Of one container's log. Counters go on where a log is too long.
    private static let logBytes = 8 << 20
    /// Lines of refusals in one look.
    private static let maximumLines = 10_000

    package init(_ client: KubernetesClient, clock: any RunClock) {
        self.client = client
        reader = GateReader(client: client, clock: clock, state: MeshState())
    }

    /// Never fails: what cannot be seen is part of the look.
    ///
    /// - Parameter since: from when on logs are read, as `GuardWatch.logsSince` has it; nil for none, as for the
    ///   look before the step.
    package func look(at guards: [TrafficGuard], since: Timestamp? = nil) async -> GuardLook {
        let targets = guards.targets
        var look = GuardLook(at: reader.clock.now())
        guard !targets.isEmpty else { return look }
        let pods = GuardPods(await pods(of: targets, &look), of: targets)
        note(targets, pods, &look)
        let ztunnels = await ztunnels(beside: targets, pods, &look)
        var carried: [String: Set<String>] = [:]
        var loggers = await readZtunnels(ztunnels, pods, &look, &carried)
        await readClients(pods, &look)
        if since == nil {
            await readSidecars(targets, pods, &look, &carried)
            look.carried = carried.mapValues { $0.sorted() }
        }
        loggers += await readServers(targets, pods, &look)
        if let since { await readLogs(of: loggers, pods, since: since, &look) }
        look.proxies.sort { $0.name < $1.name }
        look.unseen = Set(look.unseen).sorted()
        return look
    }

    // MARK: - Pods

    /// Those of the namespaces that targets and their clients are in.
    private func pods(
        of targets: [TrafficGuard.Target], _ look: inout GuardLook
    ) async -> [GuardPod] {
        let named = targets.flatMap { [$0.workload] + $0.required + $0.givenUp }
        let spaces = Set(named.map { TargetName($0).namespace }).sorted()
        let lists = await reader.each(spaces) { space in
            await list("pods of namespace \(space)", namespace: space)
        }
        return lists.flatMap { taken($0, &look) ?? [] }
    }

    private func list(
        _ name: String, namespace: String? = nil, labelSelector: String? = nil
    ) async -> Reading<[GuardPod]> {
        do throws(KubernetesError) {
            let list = try await client.list(
                .pods, namespace: namespace, labelSelector: labelSelector,
                decoder: .json(GuardPod.self))
            return .seen(list?.items ?? [])
        } catch {
            return .unseen(
                why: error.status?.isForbidden == true
                    ? "\(name): not permitted" : "\(name): \(GateWords.quotation(error.sentence))")
        }
    }

    private func taken<Value>(_ reading: Reading<Value>, _ look: inout GuardLook) -> Value? {
        if case .unseen(let why) = reading { look.unseen.append(why) }
        return reading.value
    }

    private func note(
        _ targets: [TrafficGuard.Target], _ pods: GuardPods, _ look: inout GuardLook
    ) {
        for target in targets {
            let running = pods.ofTargets[target.workload] ?? []
            if running.isEmpty {
                look.unseen.append("\(target.workload): none of its pods was seen to run")
            }
            look.pods += running.map { item in
                GuardLook.PodHealth(
                    workload: target.workload, pod: item.pod.meta.text, uid: item.pod.meta.uid,
                    isReady: item.pod.isReady, isCaptured: item.pod.dataplane == .ambient,
                    restarts: item.restarts)
            }
        }
    }

    /// Those on the nodes of pods that a ztunnel serves, or may serve once the step is done.
    private func ztunnels(
        beside targets: [TrafficGuard.Target], _ pods: GuardPods, _ look: inout GuardLook
    ) async -> [Pod] {
        let served = targets.map { target in
            let running = pods.ofTargets[target.workload] ?? []
            return (
                target.workload,
                running.map(\.pod).filter { [.ambient, .none].contains($0.dataplane) }
            )
        }
        let nodes = Set(served.flatMap(\.1).map(\.nodeName))
        guard !nodes.isEmpty else { return [] }
        let all = taken(
            await list("pods with app=ztunnel", labelSelector: "app=ztunnel"), &look)
        let running = (all ?? []).map(\.pod).filter {
            $0.isZtunnel && $0.isLive && nodes.contains($0.nodeName)
        }
        let covered = Set(running.map(\.nodeName))
        for (workload, pods) in served {
            let bare = pods.filter { !covered.contains($0.nodeName) }
            guard !bare.isEmpty else { continue }
            look.unseen.append(
                "\(workload): no proxy was seen that could tell of refusals at pod "
                    + bare.map(\.meta.text).sorted().joined(separator: ", "))
        }
        return running.sorted { PodKey($0) < PodKey($1) }
    }

    // MARK: - Counters

    /// A proxy whose log may tell of refusals.
    struct Logger: Sendable {
        var pod: Pod
        /// The sources that it has counted.
        var counted: Set<GuardLook.Source>
    }

    private func readZtunnels(
        _ ztunnels: [Pod], _ pods: GuardPods, _ look: inout GuardLook,
        _ carried: inout [String: Set<String>]
    ) async -> [Logger] {
        let readings = await reader.each(ztunnels) { await reader.counters(of: $0) }
        var loggers: [Logger] = []
        for (pod, reading) in zip(ztunnels, readings) {
            var tally = Tally()
            let counters = taken(reading, &look)
            for (series, counts) in counters?.series ?? [:]
            where series.reporter == .destination {
                guard let target = pods.target(series.destination, service: series.service) else {
                    continue
                }
                let source = pods.source(series.source)
                let count = max(counts.closed, counts.failed)
                if series.isDenied {
                    tally.add(.refused, from: source, to: target, count)
                } else if case .workload(let name) = source, count > 0 {
                    carried[target, default: []].insert(name)
                }
            }
            look.proxies.append(
                pod.page(
                    called: "ztunnel \(pod.meta.text)", of: pods.targets(besideNode: pod.nodeName),
                    counters.map { _ in tally.counts }))
            loggers.append(Logger(pod: pod, counted: Set(tally.counts.map(\.source))))
        }
        return loggers
    }

    private func readClients(_ pods: GuardPods, _ look: inout GuardLook) async {
        let readings = await reader.each(pods.clients) { await reader.counters(of: $0) }
        for (pod, reading) in zip(pods.clients, readings) {
            var tally = Tally()
            let source = GuardLook.Source.workload(pods.counterName(of: pod))
            let counters = taken(reading, &look)
            for (series, counts) in counters?.series ?? [:] where series.reporter == .source {
                guard let target = pods.target(series.destination, service: series.service) else {
                    continue
                }
                for amount in [counts.requests, counts.closed] {
                    tally.add(.sent, from: source, to: target, amount)
                    if series.isResetByServer {
                        tally.add(.reset, from: source, to: target, amount)
                    }
                }
            }
            look.proxies.append(
                pod.page(
                    called: "port \(pod.telemetryPort) of pod \(pod.meta.text)",
                    of: pods.targets(requiring: pod), counters.map { _ in tally.counts }))
        }
    }

    /// Whom the targets' sidecars have let through so far.
    private func readSidecars(
        _ targets: [TrafficGuard.Target], _ pods: GuardPods, _ look: inout GuardLook,
        _ carried: inout [String: Set<String>]
    ) async {
        let servers = servers(targets, pods)
        let readings = await reader.each(servers) { await reader.counters(of: $0.pod) }
        for ((workload, _), reading) in zip(servers, readings) {
            for (series, counts) in taken(reading, &look)?.series ?? [:]
            where series.reporter == .destination && max(counts.requests, counts.closed) > 0 {
                guard case .workload(let name) = pods.source(series.source) else { continue }
                carried[workload, default: []].insert(name)
            }
        }
    }

    private func servers(
        _ targets: [TrafficGuard.Target], _ pods: GuardPods
    ) -> [(workload: String, pod: Pod)] {
        targets.flatMap { target in
            (pods.ofTargets[target.workload] ?? []).map(\.pod)
                .filter { $0.dataplane == .sidecar }.map { (workload: target.workload, pod: $0) }
        }
    }

    /// - Returns: those that have refused somebody, or do not say.
    private func readServers(
        _ targets: [TrafficGuard.Target], _ pods: GuardPods, _ look: inout GuardLook
    ) async -> [Logger] {
        let servers = servers(targets, pods)
        let readings = await reader.each(servers) { await reader.listenerCounters(of: $0.pod) }
        var loggers: [Logger] = []
        var hiding: [String: Int] = [:]
        for ((workload, pod), reading) in zip(servers, readings) {
            let counters = taken(reading, &look)
            let refused = counters?.refusedInbound
            if counters != nil, refused == nil { hiding[workload, default: 0] += 1 }
            if refused != 0 { loggers.append(Logger(pod: pod, counted: [])) }
            look.proxies.append(
                pod.page(
                    called: "port \(Pod.envoyPort) of pod \(pod.meta.text)", of: [workload],
                    refused.map { [.init(.unmatched, from: .unknown, to: workload, $0)] }))
        }
        look.unseen += hiding.map { workload, count in
            "\(workload): what its sidecars refuse is not in the pages of \(count) of its pods; Istio leaves "
                + "Envoy's listener counters out unless statsInclusionPrefixes asks for them"
        }
        return loggers
    }

    // MARK: - Logs

    private func readLogs(
        of loggers: [Logger], _ pods: GuardPods, since: Timestamp, _ look: inout GuardLook
    ) async {
        let window = Timestamp(milliseconds: look.at) - since
        let readings = await reader.each(loggers) { logger in
            await reader.log(
                of: logger.pod, container: logger.pod.isZtunnel ? nil : "istio-proxy",
                within: window, limitBytes: Self.logBytes
            ).map { Self.lines($0, of: logger, pods) }
        }
        var lines = readings.flatMap { taken($0, &look) ?? [] }
        if lines.count > Self.maximumLines {
            look.unseen.append(
                "the logs tell of more than \(Self.maximumLines) refusals since \(since.rfc3339): the rest is "
                    + "only counted")
            lines.sort { ($0.at, $0.destination, $0.from) < ($1.at, $1.destination, $1.from) }
            lines.removeLast(lines.count - Self.maximumLines)
        }
        look.lines = lines
    }

    private static func lines(
        _ log: [Substring], of logger: Logger, _ pods: GuardPods
    ) -> [GuardLook.Line] {
        log.lazy.compactMap { LogLine($0) }.compactMap { line in
            let found =
                logger.pod.isZtunnel
                ? RefusedConnection(ztunnel: line) : RefusedConnection(sidecar: line)
            guard let found, let target = pods.target(at: found.to.address) else { return nil }
            return GuardLook.Line(
                at: found.time.milliseconds, found.cause.kind,
                from: pods.source(found, among: logger.counted),
                address: "\(found.from.address):\(found.from.port)", to: target,
                port: found.to.port)
        }
    }
}

/// Counts of one page, each kind, source and destination once.
private struct Tally {
    private struct Key: Hashable {
        var kind: GuardLook.Kind
        var source: GuardLook.Source
        var destination: String
    }

    private var sums: [Key: Int] = [:]

    mutating func add(
        _ kind: GuardLook.Kind, from source: GuardLook.Source, to destination: String, _ count: Int
    ) {
        guard count > 0 else { return }
        let key = Key(kind: kind, source: source, destination: destination)
        let (sum, isTooLarge) = (sums[key] ?? 0).addingReportingOverflow(count)
        sums[key] = isTooLarge ? .max : sum
    }

    /// Sorted.
    var counts: [GuardLook.Count] {
        sums.map { GuardLook.Count($0.kind, from: $0.source, to: $0.destination, $1) }
            .sorted { a, b in
                (a.kind.rawValue, a.destination, a.source)
                    < (b.kind.rawValue, b.destination, b.source)
            }
    }
}

extension Pod {
    fileprivate func page(
        called name: String, of targets: [String], _ counts: [GuardLook.Count]?
    ) -> GuardLook.Proxy {
        let process = proxyProcess
        let since = process.runningSince
        return GuardLook.Proxy(
            name: name, process: "\(process.uid)@\(since?.rfc3339 ?? "")",
            since: since?.milliseconds, targets: targets, counts: counts)
    }
}

extension RefusedConnection.Cause {
    fileprivate var kind: GuardLook.Line.Kind {
        switch self {
        case .policy: .refused
        case .denied: .denied
        case .policyChange: .policyChange
        case .noFilterChain: .unmatched
        }
    }
}
