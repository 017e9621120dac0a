import Telemetry
import Testing

@Suite("What got through, by a proxy's counters")
struct CarriedTrafficTests {
    private let cart = TrafficCounters.End(
        workload: "cart", namespace: "shop", principal: "spiffe://a/ns/shop/sa/cart")
    private let report = TrafficCounters.End(workload: "report", namespace: "batch")

    private func series(
        _ reporter: TrafficCounters.Reporter = .destination,
        _ security: TrafficCounters.Security = .unknown, flags: String = "-", code: Int = 0
    ) -> TrafficCounters.Series {
        TrafficCounters.Series(
            reporter: reporter, source: report, destination: cart, service: "cart.shop.svc",
            security: security, flags: flags, responseClass: code)
    }

    private func counts(_ series: [TrafficCounters.Series: TrafficCounters.Counts]) -> [Int] {
        CarriedTraffic(TrafficCounters(series)).counts.values.sorted()
    }

    @Test("connections that are open count, and those that ztunnel opened and then refused do not")
    func refused() {
        #expect(
            counts([
                series(): .init(opened: 10, closed: 5), series(flags: "DENY"): .init(closed: 4),
            ])
                == [6])
        #expect(
            counts([series(): .init(opened: 4), series(flags: "DENY"): .init(closed: 4)]) == [])
    }

    @Test("requests count with every answer, but not where the application could not be reached")
    func requests() {
        #expect(
            counts([
                series(.destination, .none, code: 2): .init(requests: 3),
                series(.destination, .none, code: 5): .init(requests: 2),
                series(.destination, .none, flags: "DC"): .init(requests: 1),
                series(.destination, .none, flags: "URX,UF", code: 5): .init(requests: 9),
            ]) == [6])
    }

    @Test("who sent it, over what, and which side counted it are kept apart; principals are not")
    func apart() {
        let traffic = CarriedTraffic(
            TrafficCounters([
                series(): .init(opened: 1), series(.destination, .mutualTLS): .init(opened: 2),
                series(.source): .init(opened: 3), series(.waypoint): .init(opened: 4),
            ]))
        #expect(traffic.counts.values.sorted() == [1, 2, 3])
        #expect(traffic.counts.keys.allSatisfy { $0.destination.principal.isEmpty })
    }

    @Test("hostile numbers do not overflow")
    func hostile() {
        #expect(
            counts([
                series(): .init(opened: .max), series(code: 2): .init(requests: .max, opened: .max),
            ]) == [.max])
    }
}
