import MeshPlanning
import Telemetry
import TestSupport
import Testing
import Timing

@Suite("Gate no-plaintext")
struct NoPlaintextTests {
    private let window: Int64 = 1_800_000
    private let start = Timestamp(milliseconds: 100_000_000)
    private let cart = "shop/Deployment/cart"

    private var gate: NoPlaintext {
        NoPlaintext(targets: [.init(workload: cart)], windowMilliseconds: window)
    }

    private func gate(openPorts: [Int], clients: [String] = []) -> NoPlaintext {
        NoPlaintext(
            targets: [.init(workload: cart, openPorts: openPorts, openPortClients: clients)],
            windowMilliseconds: window)
    }

    private func series(
        _ source: TrafficCounters.End = .init(), _ security: TrafficCounters.Security = .none,
        flags: String = "-"
    ) -> TrafficCounters.Series {
        .init(
            reporter: .destination, source: source,
            destination: .init(workload: "cart", namespace: "shop"), security: security,
            flags: flags)
    }

    private func counters(
        mutual: Int = 5, plaintext: Int = 0, from source: TrafficCounters.End = .init()
    ) -> TrafficCounters {
        var counters = TrafficCounters()
        if mutual > 0 { counters.series[series(security: .mutualTLS)] = .init(requests: mutual) }
        if plaintext > 0 { counters.series[series(source)] = .init(requests: plaintext) }
        return counters
    }

    private func series(security: TrafficCounters.Security) -> TrafficCounters.Series {
        series(.init(workload: "web", namespace: "shop", principal: "spiffe://x"), security)
    }

    /// Looks at the start and after so many minutes; the proxy runs for so many minutes before the start.
    private func watch(
        _ looks: [(minutes: Int64, TrafficCounters)], runs: Int64? = 600
    ) -> ProxyWatch {
        var watch = ProxyWatch(
            looks[0].1, at: start, countsSince: runs.map { start + .seconds(-60 * $0) })
        for (minutes, counters) in looks.dropFirst() {
            watch.add(counters, at: start + .seconds(60 * minutes))
        }
        return watch
    }

    private func seen(
        _ watch: ProxyWatch, arrivals: [NoPlaintext.Arrival]? = nil, isZtunnel: Bool = false
    ) -> NoPlaintext.Seen {
        .init(proxies: [
            .init(
                name: "pod shop/cart-0", isZtunnel: isZtunnel, watch: .seen(watch),
                arrivals: arrivals.map { .seen($0) })
        ])
    }

    private func judge(_ seen: NoPlaintext.Seen) -> [GateFinding] { judge(gate, seen) }

    private func judge(_ gate: NoPlaintext, _ seen: NoPlaintext.Seen) -> [GateFinding] {
        gate.findings(in: .init(targets: [cart: seen]))
    }

    @Test(
        "a proxy older than the window that has counted mTLS and never plaintext passes at one look"
    )
    func passesAtOnce() {
        let seen = seen(watch([(0, counters())]))
        #expect(gate.remaining(gate.targets[0], seen) == 0)
        let found = judge(seen)
        #expect(found.map(\.verdict) == [.pass])
        #expect(found[0].reason == "no plaintext reached 1 workload in 30m, and mTLS did")
    }

    @Test("a younger one is watched for as long as is missing")
    func younger() {
        let young = seen(watch([(0, counters())], runs: 10))
        #expect(gate.remaining(gate.targets[0], young) == 20 * 60_000)
        #expect(judge(young).map(\.verdict) == [.inconclusive])
        #expect(judge(young)[0].reason.contains("was watched for 10m of 30m"))
        let watched = seen(watch([(0, counters()), (20, counters())], runs: 10))
        #expect(judge(watched).map(\.verdict) == [.pass])
    }

    @Test("one whose start is not known is watched for the whole window")
    func unknownStart() {
        let seen = seen(watch([(0, counters())], runs: nil))
        #expect(gate.remaining(gate.targets[0], seen) == window)
    }

    @Test("plaintext of the past does not count once none came for a window")
    func past() {
        let old = seen(watch([(0, counters(plaintext: 9))]))
        #expect(gate.remaining(gate.targets[0], old) == window)
        #expect(judge(old).map(\.verdict) == [.inconclusive])
        let quiet = watch([(0, counters(plaintext: 9)), (30, counters(mutual: 7, plaintext: 9))])
        #expect(judge(seen(quiet)).map(\.verdict) == [.pass])
    }

    @Test("plaintext within the window fails at once, and names the sender")
    func fails() {
        let report = TrafficCounters.End(workload: "report", namespace: "batch")
        let seen = seen(
            watch([(0, counters()), (5, counters(plaintext: 2, from: report))]))
        #expect(gate.remaining(gate.targets[0], seen) == 0)
        let found = judge(seen)
        #expect(found.map(\.verdict) == [.fail])
        #expect(found[0].subject == "Deployment shop/cart")
        #expect(found[0].namespace == "shop")
        #expect(found[0].reason == "it still accepts plaintext, from batch/report")
        #expect(found[0].evidence == ["plaintext from batch/report: 2 requests"])
    }

    @Test("a sender that its proxy does not know is named by the access log")
    func namedByLog() {
        let seen = seen(
            watch([(0, counters()), (5, counters(plaintext: 2))]),
            arrivals: [.init(from: "batch/CronJob/report at 10.0.1.7", port: 8080, count: 2)])
        #expect(
            judge(seen)[0].reason
                == "it still accepts plaintext, from batch/CronJob/report at 10.0.1.7")
    }

    @Test("a connection in plaintext that is still open fails, however old it is")
    func open() {
        var before = counters()
        before.series[series()] = .init(opened: 3, closed: 2)
        let found = judge(seen(watch([(0, before), (30, before)])))
        #expect(found.map(\.verdict) == [.fail])
        #expect(found[0].evidence == ["plaintext from an unknown sender: 1 open now"])
    }

    @Test("refused connections are not accepted ones")
    func refused() {
        var after = counters()
        after.series[series(.init(), .unknown)] = .init(opened: 3)
        after.series[series(.init(), .unknown, flags: "DENY")] = .init(closed: 3, failed: 3)
        #expect(judge(seen(watch([(0, counters()), (30, after)]))).map(\.verdict) == [.pass])
    }

    @Test("silence proves nothing")
    func silence() {
        let found = judge(seen(watch([(0, counters(mutual: 0))])))
        #expect(found.map(\.verdict) == [.inconclusive])
        #expect(found[0].reason.contains("silence proves nothing"))
        // mTLS before the window is none within it.
        let old = watch([(0, counters(plaintext: 1)), (30, counters(plaintext: 1))])
        #expect(judge(seen(old)).map(\.verdict) == [.inconclusive])
    }

    @Test("counters that start anew leave a gap that is not judged, and never count backwards")
    func restart() {
        let seen = seen(
            watch([(0, counters(plaintext: 9)), (5, counters()), (60, counters(mutual: 9))]))
        #expect(gate.remaining(gate.targets[0], seen) == 0)
        let found = judge(seen)
        #expect(found.map(\.verdict) == [.inconclusive])
        #expect(found[0].reason.contains("started anew"))
    }

    @Test("what was not seen cannot be judged")
    func unseen() {
        let good = watch([(0, counters())])
        var gaps = seen(good)
        gaps.gaps = ["pod shop/cart-1 came meanwhile"]
        var uncounted = seen(good)
        uncounted.uncounted = ["shop/cart-1"]
        var refused = seen(good)
        refused.proxies.append(
            .init(name: "pod shop/cart-1", isZtunnel: false, watch: .unseen(why: "not permitted")))
        for seen in [gaps, uncounted, refused, .init()] {
            let found = judge(seen)
            #expect(found.map(\.verdict) == [.inconclusive])
            #expect(found[0].reason.hasPrefix("cannot judge, because "))
        }
        #expect(gate.findings(in: .init()).map(\.verdict) == [.inconclusive])
        let empty = NoPlaintext(targets: [], windowMilliseconds: window)
        #expect(empty.findings(in: .init()).map(\.verdict) == [.inconclusive])
    }

    @Test("where ports stay open, plaintext from their declared clients passes")
    func declaredClients() {
        let report = TrafficCounters.End(workload: "report", namespace: "batch")
        let looks = seen(
            watch([(0, counters()), (30, counters(mutual: 9, plaintext: 2, from: report))]))
        let declared = gate(openPorts: [9090], clients: ["batch/CronJob/report"])
        #expect(judge(declared, looks).map(\.verdict) == [.pass])
        #expect(judge(gate(openPorts: [9090]), looks).map(\.verdict) == [.inconclusive])
        // It has to be watched for the whole window: an early hit decides nothing there.
        let early = seen(watch([(0, counters()), (5, counters(plaintext: 2, from: report))]))
        #expect(declared.remaining(declared.targets[0], early) == 25 * 60_000)
    }

    @Test("plaintext of others is judged by an access log that accounts for all of it")
    func accessLog() {
        let gate = gate(openPorts: [9090])
        func verdicts(_ arrivals: [NoPlaintext.Arrival]) -> [GateFinding.Verdict] {
            judge(
                gate,
                seen(
                    watch([(0, counters()), (30, counters(mutual: 9, plaintext: 2))]),
                    arrivals: arrivals)
            ).map(\.verdict)
        }
        #expect(verdicts([.init(from: "x", port: 9090, count: 2)]) == [.pass])
        #expect(verdicts([.init(from: "x", port: 9090)]) == [.inconclusive])
        #expect(verdicts([]) == [.inconclusive])
        #expect(verdicts([.init(from: "x", port: 9090), .init(from: "y", port: 8080)]) == [.fail])
        #expect(
            verdicts([.init(from: "x", port: 9090, count: 2), .init(from: "y", port: 8080)])
                == [.inconclusive])
    }

    @Test("senders that are given up are listed, whether the rest can be judged or not")
    func givenUp() {
        let gate = NoPlaintext(
            targets: [.init(workload: cart, givenUp: ["ingress/Deployment/tunnel"])],
            windowMilliseconds: window)
        let tunnel = TrafficCounters.End(workload: "tunnel", namespace: "ingress")
        func found(mutual: Int) -> GateFinding? {
            let watch = watch([
                (0, counters(mutual: mutual)),
                (30, counters(mutual: 2 * mutual, plaintext: 3, from: tunnel)),
            ])
            return judge(gate, seen(watch)).first
        }
        #expect(found(mutual: 5)?.verdict == .pass)
        #expect(found(mutual: 0)?.verdict == .inconclusive)
        for mutual in [0, 5] {
            #expect(
                found(mutual: mutual)?.evidence.contains {
                    $0.contains("to be refused: plaintext from ingress/tunnel: 3 requests")
                } == true)
        }
    }

    @Test("a client that calls seldom is named")
    func seldom() {
        var seen = seen(watch([(0, counters())]))
        seen.seldomClients = ["batch/CronJob/report": 86_400_000]
        #expect(
            judge(seen)[0].evidence.contains {
                $0.contains("batch/CronJob/report calls once in 1d only")
            })
    }

    @Test("whatever is missing, no pass comes of it", arguments: 0..<300)
    func property(_ seed: Int) {
        var generator = SeededGenerator(seed: seed)
        var seen = NoPlaintext.Seen()
        var isWhole = true
        var hasMutual = false
        var hasPlaintext = false
        for number in 0..<Int.random(in: 0...4, using: &generator) {
            let mutual = generator.pick([0, 4])
            var looks = [(minutes: Int64(0), counters(mutual: mutual))]
            var reading: Reading<ProxyWatch>?
            switch Int.random(in: 0..<14, using: &generator) {
            case 0: reading = .unseen(why: "x")
            case 1: looks.append((10, TrafficCounters()))
            case 2:
                looks.append((10, counters(mutual: mutual, plaintext: 1)))
                hasPlaintext = true
            case 3: reading = .seen(watch(looks, runs: 3))
            case 4: reading = .seen(watch(looks, runs: nil))
            default: break
            }
            let watch = reading ?? .seen(watch(looks))
            if watch.value.map({ $0.covered < window || !$0.gaps.isEmpty }) ?? true {
                isWhole = false
            }
            if mutual > 0, watch.value != nil { hasMutual = true }
            seen.proxies.append(.init(name: "pod shop/\(number)", isZtunnel: false, watch: watch))
        }
        if generator.oneIn(10) {
            seen.uncounted = ["shop/x"]
            isWhole = false
        }
        if generator.oneIn(10) {
            seen.gaps = ["pod shop/x went meanwhile"]
            isWhole = false
        }
        let found = judge(seen)
        #expect(found.count == 1)
        #expect(found.contains { $0.verdict == .fail } == hasPlaintext)
        #expect(
            found.letPass == (!seen.proxies.isEmpty && isWhole && hasMutual && !hasPlaintext))
    }
}
