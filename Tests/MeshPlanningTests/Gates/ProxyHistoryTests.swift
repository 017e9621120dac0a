import MeshModel
import MeshPlanning
import Telemetry
import TestSupport
import Testing
import Timing

@Suite("What Prometheus proves of a proxy")
struct ProxyHistoryTests {
    private let from = Timestamp(milliseconds: 1_000_000_000)
    private let cart = "shop/Deployment/cart"
    private let report = TrafficCounters.End(workload: "report", namespace: "batch")

    private func minutes(_ count: Int64) -> Timestamp { from + .seconds(60 * count) }

    private func counters(mutual: Int = 5, plaintext: Int? = nil) -> TrafficCounters {
        func series(_ security: TrafficCounters.Security) -> TrafficCounters.Series {
            .init(
                reporter: .destination, source: security == .none ? report : .init(),
                destination: .init(workload: "cart", namespace: "shop"), security: security)
        }
        var counters = TrafficCounters([series(.mutualTLS): .init(requests: mutual)])
        if let plaintext { counters.series[series(.none)] = .init(requests: plaintext) }
        return counters
    }

    /// Half an hour, scraped from the first moment to the last.
    private func history(
        _ start: TrafficCounters, _ latest: TrafficCounters, peak: TrafficCounters? = nil
    ) -> ProxyHistory {
        ProxyHistory(
            from: from, first: from + .seconds(-10), last: minutes(30), start: start,
            peak: peak ?? latest, latest: latest)
    }

    private func judge(
        _ history: ProxyHistory, runs: Int64? = -600, counts: Int64? = nil
    ) -> GateFinding? {
        let watch = history.watch(
            runningSince: runs.map(minutes), countsSince: (counts ?? runs).map(minutes))
        let gate = NoPlaintext(
            targets: [.init(workload: cart)], windowMilliseconds: 1_800_000,
            server: PrometheusServer(namespace: "monitoring", service: "prometheus"))
        let seen = NoPlaintext.Seen(proxies: [
            .init(name: "pod shop/cart-0", isZtunnel: false, watch: .seen(watch))
        ])
        return gate.findings(in: .init(targets: [cart: seen])).first
    }

    @Test("a proxy that was scraped all the time and counted no more plaintext passes")
    func passes() {
        let found = judge(
            history(counters(plaintext: 3), counters(mutual: 9, plaintext: 3)))
        #expect(found?.verdict == .pass)
        #expect(found?.evidence.contains { $0.contains("prometheus.monitoring:9090") } == true)
        #expect(judge(history(counters(), counters(mutual: 9)))?.verdict == .pass)
    }

    @Test("plaintext that was added fails, and a series that is new counts from zero")
    func fails() {
        for (start, count) in [(3, 2), (nil, 5)] as [(Int?, Int)] {
            let found = judge(
                history(counters(plaintext: start), counters(mutual: 9, plaintext: 5)))
            #expect(found?.verdict == .fail)
            #expect(found?.evidence == ["plaintext from batch/report: \(count) requests"])
        }
    }

    @Test("plaintext of a series that came and went within the window fails")
    func gone() {
        let found = judge(
            history(
                counters(), counters(mutual: 9), peak: counters(mutual: 9, plaintext: 4)))
        #expect(found?.verdict == .fail)
    }

    @Test("mTLS before the window is none within it, once plaintext was counted in the past")
    func silence() {
        let still = counters(plaintext: 3)
        let found = judge(history(still, still))
        #expect(found?.verdict == .inconclusive)
        #expect(found?.reason.contains("silence proves nothing") == true)
    }

    @Test("a proxy that runs for less than the window has to run on, and all it counted counts")
    func young() {
        let found = judge(history(TrafficCounters(), counters()), runs: 10)
        #expect(found?.verdict == .inconclusive)
        #expect(found?.reason.contains("was watched for 20m of 30m") == true)
        #expect(
            judge(history(TrafficCounters(), counters(plaintext: 1)), runs: 10)?.verdict == .fail)
        // The page of the process before had the same name.
        let before = history(counters(mutual: 50, plaintext: 7), counters())
        #expect(judge(before, runs: 10)?.reason.contains("20m of 30m") == true)
    }

    @Test("in ambient, pods that are younger than the window shorten it")
    func youngPods() {
        let found = judge(history(counters(), counters(mutual: 9)), counts: 20)
        #expect(found?.reason.contains("was watched for 10m of 30m") == true)
    }

    @Test("scrapes that failed, and a proxy that is scraped since lately only, are gaps")
    func gaps() {
        var missed = history(counters(), counters(mutual: 9))
        missed.missed = 1
        #expect(judge(missed)?.verdict == .inconclusive)
        #expect(judge(missed)?.reason.contains("misses scrapes") == true)
        #expect(judge(missed)?.hint?.contains("leave `prometheusServer` out") == true)
        var late = history(TrafficCounters(), counters())
        late.first = minutes(12)
        #expect(judge(late)?.verdict == .inconclusive)
        #expect(judge(late)?.reason.contains("Prometheus has it since 1970-01-12T13:58") == true)
        // Plaintext that it had counted before is not of the window.
        late.latest = counters(plaintext: 3)
        #expect(judge(late)?.verdict == .inconclusive)
    }

    @Test("where nobody knows since when the proxy runs, nothing is proved")
    func unknownStart() {
        let found = judge(history(counters(), counters(mutual: 9)), runs: nil)
        #expect(found?.verdict == .inconclusive)
    }

    @Test("counters that fall are those of a series that began anew, and leave a gap")
    func fallen() {
        let found = judge(
            history(counters(mutual: 50), counters(mutual: 2)))
        #expect(found?.verdict == .inconclusive)
        #expect(found?.reason.contains("started anew") == true)
    }

    @Test("of proxies that are gone, plaintext is what was added, however often they began anew")
    func elsewhere() {
        let old = counters(plaintext: 3)
        let amounts: [(Int?, Int)] = [(3, 0), (5, 2), (1, 1)]
        for (now, added) in amounts {
            let found = counters(plaintext: now).plaintext(since: old)
            let sent = ReceivedTraffic(found).plaintext
            #expect(sent.map(\.amount.requests) == (added == 0 ? [] : [added]))
            #expect(!ReceivedTraffic(found).hasMutualTLS)
        }
    }

    @Test("whatever is missing, no pass comes of it", arguments: 0..<300)
    func property(_ seed: Int) {
        var random = SeededGenerator(seed: seed)
        let old: Int? = random.oneIn(2) ? 3 : nil
        let added = random.oneIn(4) ? 2 : 0
        let hasMutual = !random.oneIn(4)
        let isLate = random.oneIn(4)
        let runs: Int64? = random.pick([-600, -600, -600, 5, nil])
        var history = history(
            counters(mutual: 0, plaintext: old),
            counters(
                mutual: hasMutual ? 6 : 0,
                plaintext: added == 0 && old == nil ? nil : (old ?? 0) + added))
        history.missed = random.pick([0, 0, 0, 2])
        if isLate { (history.first, history.start) = (minutes(3), TrafficCounters()) }
        let isOld = runs == -600
        let found = judge(history, runs: runs)
        #expect(
            (found?.verdict == .pass)
                == (isOld && !isLate && history.missed == 0 && hasMutual && added == 0))
        if isOld, !isLate, added > 0 { #expect(found?.verdict == .fail) }
    }
}
