import MeshModel
import MeshPlanning
import Telemetry
import Timing

/// What Prometheus keeps of some proxies and workloads, over a window that ends with the newest samples.
struct PlaintextHistory: Sendable {
    /// Why there is none.
    struct Unanswered: Error { var why: String }

    /// When a target was scraped, by the gauge `istio_build` that each proxy serves at all times.
    private struct Scrapes {
        var first: Timestamp?
        var last: Timestamp
        /// At how many moments of the window there was a sample.
        var present = 0
        /// More than one series bears the same name: of another cluster, or another Prometheus.
        var isAmbiguous = false
    }

    private enum Part: Hashable { case start, peak, latest }

    /// Counters of one workload at one target.
    private struct Place: Hashable {
        var part: Part
        var workload: String
        var target: ScrapeTarget
    }

    private let server: PrometheusServer
    private let reader: GateReader
    /// Prometheus' present, and the window's start.
    private let now: Timestamp
    private var from: Timestamp
    private let stepMilliseconds: Int64
    private var scrapes: [ScrapeTarget: Scrapes] = [:]
    /// The targets that are a pod's page, in order.
    private var pages: [PodKey: [ScrapeTarget]] = [:]
    private var counters: [Place: TrafficCounters] = [:]
    /// Who has counted plaintext to a workload.
    private var counting: [String: Set<ScrapeTarget>] = [:]
    /// Families that a job has of any proxy.
    private var families: [String: Set<String>] = [:]
    /// Targets of whose page the scrape configuration leaves something out.
    private var abridged: Set<ScrapeTarget> = []

    private static let heartbeat = "istio_build"
    private static let requests = "istio_requests_total"
    private static let connections = [
        "istio_tcp_connections_opened_total", "istio_tcp_connections_closed_total",
    ]
    /// Samples are not taken for present ones once they are older (Prometheus' default look-back).
    private static let staleness = Duration.seconds(300)
    private static let skew = Duration.seconds(60)
    /// Pods and workloads named in one query: its URL stays below 8 KiB.
    private static let podsAtOnce = 50
    private static let workloadsAtOnce = 20

    /// - Parameters:
    ///   - proxies: the pods whose pages it takes.
    ///   - workloads: as `NoPlaintext.Target.workload`.
    init(
        of proxies: [Pod], for workloads: [String], windowMilliseconds: Int64,
        at server: PrometheusServer, _ reader: GateReader
    ) async throws(Unanswered) {
        self.server = server
        self.reader = reader
        now = try await Self.present(of: server, reader)
        from = now
        // As fine as a graph has it.
        stepMilliseconds = max(1, windowMilliseconds.addingClamped(999_999) / 1_000_000) * 1000
        try await readLastScrapes(of: proxies)
        assignPages(to: proxies)
        guard let last = pages.values.joined().compactMap({ scrapes[$0]?.last }).min() else {
            return
        }
        let start = last.milliseconds.subtractingClamped(windowMilliseconds)
        from = Timestamp(milliseconds: start / stepMilliseconds * stepMilliseconds)
        try await readScrapes(of: proxies)
        try await readAbridged(proxies)
        try await readCounters(of: workloads)
    }

    // MARK: - What it says

    /// The targets that are this proxy's page, in order.
    func targets(of proxy: Pod) -> [ScrapeTarget] { pages[PodKey(proxy)] ?? [] }

    func watch(
        _ target: ScrapeTarget, for workload: String, isZtunnel: Bool, runningSince: Timestamp?,
        countsSince: Timestamp?
    ) -> ProxyWatch? {
        guard let scrapes = scrapes[target] else { return nil }
        let latest = self[.latest, workload, target]
        var peak = self[.peak, workload, target]
        peak.add(latest.filter { $0.security == .mutualTLS })
        let first = scrapes.first ?? scrapes.last
        let history = ProxyHistory(
            from: from, first: first, last: scrapes.last,
            missed: abs(moments(since: first) - scrapes.present),
            start: self[.start, workload, target], peak: peak, latest: latest)
        var watch = history.watch(runningSince: runningSince, countsSince: countsSince)
        if scrapes.isAmbiguous {
            watch.addGap("Prometheus has several series of one name for it")
        }
        if abridged.contains(target) {
            let wanted = Self.connections + (isZtunnel ? [] : [Self.requests])
            let missing = wanted.filter { families[target.job]?.contains($0) != true }
            if let first = missing.first {
                watch.addGap("Prometheus leaves out part of its page, and perhaps \(first)")
            }
        }
        return watch
    }

    /// Plaintext to a workload in the window that other targets have counted: proxies that are gone, or before
    /// which its pods ran.
    func plaintextElsewhere(
        than known: Set<ScrapeTarget>, for workload: String
    ) -> [(target: ScrapeTarget, watch: ProxyWatch)] {
        (counting[workload] ?? []).subtracting(known).sorted().compactMap { target in
            let found = self[.peak, workload, target].plaintext(
                since: self[.start, workload, target])
            guard !ReceivedTraffic(found).plaintext.isEmpty else { return nil }
            var watch = ProxyWatch(TrafficCounters(), at: from, countsSince: nil)
            watch.add(found, at: now)
            return (target, watch)
        }
    }

    private subscript(_ part: Part, _ workload: String, _ target: ScrapeTarget) -> TrafficCounters {
        counters[Place(part: part, workload: workload, target: target)] ?? TrafficCounters()
    }

    /// How many moments of the window have come since this one.
    private func moments(since first: Timestamp) -> Int {
        let step = stepMilliseconds
        let begin = max(from.milliseconds, (first.milliseconds + step - 1) / step * step)
        let end = now.milliseconds / step * step
        return end < begin ? 0 : Int((end - begin) / step) + 1
    }

    // MARK: - Asking

    private static func present(
        of server: PrometheusServer, _ reader: GateReader
    ) async throws(Unanswered) -> Timestamp {
        let asked = reader.clock.now()
        let answer: PrometheusAnswer
        switch await reader.ask(server, "time()") {
        case .unseen(let why): throw Unanswered(why: why)
        case .seen(let seen): answer = seen
        }
        guard let seconds = answer.series.first?.value, seconds > 0, seconds < 1e11 else {
            throw Unanswered(why: "\(server.text) does not say what time it is")
        }
        let now = Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
        // Its samples are compared with the times at which proxies started.
        guard now + skew >= asked, now <= reader.clock.now() + skew else {
            throw Unanswered(
                why:
                    "the clock of \(server.text) says \(now.rfc3339), and the one here \(asked.rfc3339)"
            )
        }
        return now
    }

    private func ask(
        _ queries: [String], at time: Timestamp
    ) async throws(Unanswered) -> [[PrometheusAnswer.Series]] {
        let answers = await reader.each(queries) { [reader, server] query in
            await reader.ask(
                server, query, at: time, maximumBytes: PrometheusAnswer.maximumBytesOfMany)
        }
        var found: [[PrometheusAnswer.Series]] = []
        for answer in answers {
            switch answer {
            case .unseen(let why): throw Unanswered(why: why)
            case .seen(let answer): found.append(answer.series)
            }
        }
        return found
    }

    /// Asks about a proxy's own part of the pages, some pods at a time.
    private func heartbeats(
        of proxies: [Pod], _ apply: (String) -> String
    ) async throws(Unanswered) -> [(ScrapeTarget, value: Double)] {
        let queries = proxies.chunks(of: Self.podsAtOnce).map { pods in
            PromQL.pages(of: pods).map { apply(Self.heartbeat + $0) }.joined(separator: " or ")
        }
        // Pods of one name in several namespaces come with each of them.
        let answers = Set(try await ask(queries, at: now).joined())
        return answers.compactMap { series in
            // A pod's own label `component` takes the name.
            let component = series.labels["exported_component"] ?? series.labels["component"]
            guard component == "proxy" || component == "ztunnel" else { return nil }
            return (ScrapeTarget(series.labels), series.value)
        }
    }

    private mutating func readLastScrapes(of proxies: [Pod]) async throws(Unanswered) {
        for (target, seconds) in try await heartbeats(of: proxies, { "timestamp(\($0))" }) {
            let time = try timestamp(seconds)
            guard now - time <= Self.staleness else { continue }
            guard let other = scrapes[target] else {
                scrapes[target] = Scrapes(last: time)
                continue
            }
            scrapes[target]?.isAmbiguous = true
            scrapes[target]?.last = min(time, other.last)
        }
    }

    private mutating func assignPages(to proxies: [Pod]) {
        let named = Set(proxies.map(PodKey.init))
        let addressed = Dictionary(
            grouping: proxies.filter { !$0.ip.isEmpty }, by: \.ip)
        for target in scrapes.keys.sorted() {
            if !target.namespace.isEmpty, !target.pod.isEmpty {
                let key = PodKey(namespace: target.namespace, name: target.pod)
                if named.contains(key) { pages[key, default: []].append(target) }
            } else {
                for pod in addressed[target.address] ?? [] {
                    pages[PodKey(pod), default: []].append(target)
                }
            }
        }
    }

    private mutating func readScrapes(of proxies: [Pod]) async throws(Unanswered) {
        let range = "[\(rangeMilliseconds)ms:\(stepMilliseconds / 1000)s]"
        let first = try await heartbeats(of: proxies) { "min_over_time(timestamp(\($0))\(range))" }
        for (target, seconds) in first {
            let time = try timestamp(seconds)
            scrapes[target]?.first = time
        }
        for (target, count) in try await heartbeats(
            of: proxies, { "count_over_time(\($0)\(range))" })
        {
            scrapes[target]?.present = max(0, Int(exactly: count.rounded()) ?? 0)
        }
    }

    private mutating func readAbridged(_ proxies: [Pod]) async throws(Unanswered) {
        let queries = proxies.chunks(of: Self.podsAtOnce).map { pods in
            PromQL.pages(of: pods).map {
                "(scrape_samples_scraped\($0) - scrape_samples_post_metric_relabeling\($0) > 0)"
            }.joined(separator: " or ")
        }
        abridged = Set(
            try await ask(queries, at: now).joined().map { ScrapeTarget($0.labels) })
        guard !abridged.isEmpty else { return }
        let names = ([Self.requests] + Self.connections).joined(separator: "|")
        let query = "count by (job, __name__)({__name__=~\"\(names)\",reporter=\"destination\"})"
        for series in try await ask([query], at: now).joined() {
            families[series.labels["job"] ?? "", default: []].insert(
                series.labels["__name__"] ?? "")
        }
    }

    private mutating func readCounters(of workloads: [String]) async throws(Unanswered) {
        let byNamespace = Dictionary(grouping: workloads.map(TargetName.init), by: \.namespace)
        let selectors = byNamespace.sorted { $0.key < $1.key }.flatMap { namespace, names in
            names.map(\.name).chunks(of: Self.workloadsAtOnce).map {
                "reporter=\"destination\","
                    + PromQL.matcher("destination_workload_namespace", oneOf: [namespace]) + ","
                    + PromQL.matcher("destination_workload", oneOf: $0)
            }
        }
        let names = Dictionary(
            grouping: workloads, by: { "\(TargetName($0).namespace)/\(TargetName($0).name)" })
        let all = "__name__=~\"\(([Self.requests] + Self.connections).joined(separator: "|"))\""
        for (part, time) in [(Part.start, from), (.latest, now)] {
            let queries = selectors.flatMap {
                [
                    Self.sum(Self.plaintext, "{\(all),\($0),\(Self.isPlaintext)}"),
                    Self.sum(Self.mutual, "{\(all),\($0),\(Self.isMutual)}"),
                ]
            }
            for series in try await ask(queries, at: time).joined() {
                try add(series, of: series.labels["__name__"] ?? "", part, names)
            }
        }
        for family in [Self.requests] + Self.connections {
            let queries = selectors.map {
                Self.sum(
                    Self.plaintext,
                    "max_over_time(\(family){\($0),\(Self.isPlaintext)}[\(rangeMilliseconds)ms])")
            }
            for series in try await ask(queries, at: now).joined() {
                try add(series, of: family, .peak, names)
            }
        }
    }

    private mutating func add(
        _ series: PrometheusAnswer.Series, of family: String, _ part: Part,
        _ names: [String: [String]]
    ) throws(Unanswered) {
        let labels = series.labels
        let name =
            "\(labels["destination_workload_namespace"] ?? "")/\(labels["destination_workload"] ?? "")"
        for workload in names[name] ?? [] {
            let place = Place(part: part, workload: workload, target: ScrapeTarget(labels))
            if part == .peak { counting[workload, default: []].insert(place.target) }
            do throws(TrafficCounters.Failure) {
                try counters[place, default: TrafficCounters()].add(
                    series.value, of: family, labels)
            } catch {
                throw Unanswered(why: "\(server.text) has a value of \(family) that is no count")
            }
        }
    }

    private static let isPlaintext = "connection_security_policy!=\"mutual_tls\""
    private static let isMutual =
        "connection_security_policy=\"mutual_tls\",response_flags!=\"DENY\""
    private static let mutual =
        ScrapeTarget.labels + [
            "reporter", "destination_workload", "destination_workload_namespace",
            "connection_security_policy",
        ]
    private static let plaintext =
        mutual + ["source_workload", "source_workload_namespace", "response_flags"]

    private static func sum(_ labels: [String], _ expression: String) -> String {
        "sum by (\((["__name__"] + labels).joined(separator: ", ")))(\(expression))"
    }

    /// Up to the present, with the window's first moment.
    private var rangeMilliseconds: Int64 { (now - from).wholeMilliseconds.addingClamped(1) }

    private func timestamp(_ seconds: Double) throws(Unanswered) -> Timestamp {
        guard seconds > 0, seconds < 1e11 else {
            throw Unanswered(why: "\(server.text) has a sample of no time")
        }
        return Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
