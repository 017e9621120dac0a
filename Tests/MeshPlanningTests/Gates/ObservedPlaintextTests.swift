import MeshModel
import MeshPlanning
import Telemetry
import TestSupport
import Testing
import Timing

@Suite("What was observed before, in the gate no-plaintext")
struct ObservedPlaintextTests {
    private let end = Timestamp(milliseconds: 100_000_000)
    private let cart = WorkloadID(namespace: "shop", kind: .deployment, name: "cart")
    private let report = WorkloadID(namespace: "batch", kind: .deployment, name: "report")
    private let web = WorkloadID(namespace: "shop", kind: .deployment, name: "web")

    private func target(open: [Int] = [], givenUp: [String] = []) -> NoPlaintext.Target {
        NoPlaintext.Target(workload: cart.text, openPorts: open, givenUp: givenUp)
    }

    private var state: MeshState {
        var front = service("shop/cart", ports: [80])
        front.flows.services[0].ports = [ServicePort(number: 80, target: .number(8080))]
        return mesh(
            namespace("shop"), namespace("batch"), front,
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
            deployment("shop/web", plane: .sidecar), deployment("batch/report"))
    }

    private func flow(
        _ client: ObservedFlow.Client, _ server: ObservedFlow.Server? = nil,
        _ security: ObservedFlow.Security = .plaintext
    ) -> ObservedFlow {
        ObservedFlow(
            from: client,
            to: server ?? .service(namespace: "shop", name: "cart", port: 80), security: security,
            firstSeen: end, lastSeen: end, connections: 3)
    }

    private func found(
        _ flows: [ObservedFlow], _ target: NoPlaintext.Target? = nil
    ) -> [String] {
        ObservedPlaintext.all(flows, to: target ?? self.target(), in: state)
            .map { "\($0.from):\($0.port)" }
    }

    @Test("counted is plaintext to the target's closed ports, through its Service or without it")
    func ports() {
        let flows = [
            flow(.workload(report)), flow(.unknown, .workload(cart, port: 9090)),
            flow(.node("n"), nil, .mutualTLS), flow(.address("192.0.2.1"), .workload(web, port: 1)),
        ]
        #expect(found(flows) == ["batch/deployment/report:8080", "unknown:9090"])
        #expect(found(flows, target(open: [8080])) == ["unknown:9090"])
    }

    @Test("clients with a data plane by now, gone ones, and those that may be refused do not count")
    func clients() {
        let gone = WorkloadID(namespace: "batch", kind: .deployment, name: "gone")
        #expect(found([flow(.workload(web)), flow(.workload(gone))]) == [])
        #expect(found([flow(.workload(report))], target(givenUp: [report.text])) == [])
    }

    // MARK: - The verdict

    /// The proxies have proved the window; besides, this was observed, in seconds before its end.
    private func judge(first: Int64, last: Int64) -> GateFinding? {
        let mutual = TrafficCounters.Series(
            reporter: .destination, source: .init(workload: "web", namespace: "shop"),
            destination: .init(workload: "cart", namespace: "shop"), security: .mutualTLS)
        let watch = ProxyWatch(
            TrafficCounters([mutual: .init(requests: 5)]), at: end,
            countsSince: end + .seconds(-36_000))
        let seen = NoPlaintext.Seen(
            proxies: [.init(name: "pod shop/cart-0", isZtunnel: false, watch: .seen(watch))],
            observed: [
                ObservedPlaintext(
                    from: "unknown", port: 8080, firstSeen: end + .seconds(-first),
                    lastSeen: end + .seconds(-last), connections: 3)
            ])
        return NoPlaintext(targets: [target()], windowMilliseconds: 1_800_000)
            .findings(in: .init(targets: [cart.text: seen], until: end)).first
    }

    @Test("what lies within the window fails, with who and when")
    func inside() {
        let finding = judge(first: 1700, last: 600)
        #expect(finding?.verdict == .fail)
        #expect(finding?.reason.contains("from unknown") == true)
        #expect(finding?.evidence.first?.contains("to port 8080, 3 times between") == true)
    }

    @Test("what only ends in it cannot be judged, and what ended before it is over")
    func others() {
        #expect(judge(first: 9000, last: 600)?.verdict == .inconclusive)
        #expect(judge(first: 9000, last: 1900)?.verdict == .pass)
    }
}
