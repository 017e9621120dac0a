import Foundation
import MeshModel
import MeshPlanning
import Telemetry
import TestSupport
import Testing
import Timing

@Suite("Flows from counters and logs, each connection once")
struct FlowAccountTests {
    private static let host = "cart.shop.svc.cluster.local"
    private let report = ObservedFlow.Client.workload(
        WorkloadID(namespace: "batch", kind: .deployment, name: "report"))
    private let cart80 = ObservedFlow.Server.service(namespace: "shop", name: "cart", port: 80)
    private let cartID = WorkloadID(namespace: "shop", kind: .deployment, name: "cart")

    private func at(_ second: Int64) -> Timestamp { Timestamp(milliseconds: second * 1000) }

    /// `shop/cart` behind a Service, and `batch/report` without a data plane.
    private func state(
        ports: [Int] = [8080], servicePorts: [ServicePort]? = nil, plane: PodDataplane = .sidecar,
        clientPlane: PodDataplane = .none
    ) -> MeshState {
        var cart = deployment("shop/cart", labels: ["app": "cart"], plane: plane, replicas: 1)
        cart.pods[0].ip = "10.0.2.9"
        cart.pods[0].containers[0].ports = ports.map { Container.Port(number: $0) }
        var client = deployment("batch/report", plane: clientPlane, replicas: 1)
        client.pods[0].ip = "10.0.1.7"
        var host = pod("kube-system/proxy", nodeName: "node-1", hostNetwork: true)
        host.pods[0].ip = "10.0.0.1"
        var front = service("shop/cart", ports: [80])
        front.flows.services[0].ports =
            servicePorts ?? [ServicePort(name: "http", number: 80, target: .number(8080))]
        return mesh(namespace("shop"), namespace("batch"), cart, client, host, front)
    }

    private func account(_ state: MeshState) -> FlowAccount { FlowAccount(FlowParties(state)) }

    private func key(
        from client: String = "", to server: String = "shop/cart", service: String = host,
        mutual: Bool = false, inbound: Bool = true
    ) -> CarriedTraffic.Key {
        func end(_ name: String) -> TrafficCounters.End {
            let parts = name.split(separator: "/").map(String.init)
            return TrafficCounters.End(
                workload: parts.last ?? "", namespace: parts.first ?? "")
        }
        return CarriedTraffic.Key(
            isInbound: inbound, source: end(client), destination: end(server), service: service,
            isMutualTLS: mutual)
    }

    private func reading(
        _ counts: [CarriedTraffic.Key: Int]?, _ log: [LogLine]? = [], at second: Int64 = 1000,
        uid: String = "p-1", since: Int64? = 10, kind: ProxyReading.Kind = .sidecar
    ) -> ProxyReading {
        ProxyReading(
            kind: kind,
            process: ProxyWatermark.Process(uid: uid, runningSince: since.map(at)),
            time: at(second),
            counters: counts.map { .seen(CarriedTraffic($0)) } ?? .unseen(why: "refused"), log: log)
    }

    private func sidecarLine(
        _ second: Int64, from address: String = "10.0.1.7", port: Int = 8080, name: String = "-"
    ) -> LogLine {
        let text =
            "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 1 1 1 \"-\" \"curl\" \"1\" \"cart\" "
            + "\"10.0.2.9:\(port)\" inbound|\(port)|| 127.0.0.6:1 10.0.2.9:\(port) \(address):999 \(name) default"
        return LogLine(time: at(second), text: text[...])
    }

    private func flow(
        _ client: ObservedFlow.Client, _ server: ObservedFlow.Server,
        _ security: ObservedFlow.Security, _ first: Int64, _ last: Int64, _ count: Int
    ) -> ObservedFlow {
        ObservedFlow(
            from: client, to: server, security: security, firstSeen: at(first), lastSeen: at(last),
            connections: count)
    }

    private func flow(
        _ client: ObservedFlow.Client, _ server: ObservedFlow.Server, _ first: Int64,
        _ last: Int64, _ count: Int
    ) -> ObservedFlow { flow(client, server, .plaintext, first, last, count) }

    // MARK: - Counters

    @Test("of a proxy that was never sampled its whole life counts, from its start")
    func wholeLife() {
        let result = account(state()).flows(
            in: reading([key(from: "batch/report", mutual: true): 7]), since: nil)
        #expect(result.flows == [flow(report, cart80, .mutualTLS, 10, 1000, 7)])
    }

    @Test("afterwards only what was added counts, from the last sample on")
    func added() {
        let account = account(state())
        let counts = key(from: "batch/report")
        let first = account.flows(in: reading([counts: 7]), since: nil)
        let same = account.flows(in: reading([counts: 7], at: 1030), since: first.watermark)
        #expect(same.flows.isEmpty)
        let more = account.flows(in: reading([counts: 9], at: 1060), since: same.watermark)
        #expect(more.flows == [flow(report, cart80, 1030, 1060, 2)])
    }

    @Test("a count that falls by what was refused after all adds nothing, now or later")
    func falls() {
        let account = account(state())
        let counts = key(from: "batch/report")
        let first = account.flows(in: reading([counts: 7]), since: nil)
        let less = account.flows(in: reading([counts: 6], at: 1030), since: first.watermark)
        let back = account.flows(in: reading([counts: 7], at: 1060), since: less.watermark)
        #expect(less.flows.isEmpty && back.flows.isEmpty)
    }

    @Test("a proxy that started anew counts from its new start")
    func restarted() {
        let account = account(state())
        let counts = key(from: "batch/report")
        let first = account.flows(in: reading([counts: 7]), since: nil)
        let next = account.flows(
            in: reading([counts: 2], at: 2000, since: 1500), since: first.watermark)
        #expect(next.flows == [flow(report, cart80, 1500, 2000, 2)])
    }

    @Test("without a log a port is known where the Service has one, or the workload serves one")
    func ports() {
        let two = [
            ServicePort(number: 80, target: .number(8080)),
            ServicePort(number: 81, target: .number(9090)),
        ]
        let counts = [key(from: "batch/report"): 3]
        let one = account(state(servicePorts: Array(two.dropLast()))).flows(
            in: reading(counts), since: nil)
        #expect(one.flows.map(\.server) == [cart80])

        let same = [two[0], ServicePort(number: 81, target: .number(8080))]
        let workload = account(state(servicePorts: same)).flows(in: reading(counts), since: nil)
        #expect(workload.flows.map(\.server) == [.workload(cartID, port: 8080)])

        let open = account(state(ports: [8080, 9090], servicePorts: two)).flows(
            in: reading(counts), since: nil)
        #expect(open.flows.isEmpty)
        #expect(
            open.unplaced == [.init(server: "shop/cart", security: .plaintext, connections: 3)])
    }

    @Test("what could not be placed is placed once the log tells its port, and only once")
    func placedLater() {
        let two = [
            ServicePort(number: 80, target: .number(8080)),
            ServicePort(number: 81, target: .number(9090)),
        ]
        let account = account(state(ports: [8080, 9090], servicePorts: two))
        let counts = [key(from: "batch/report"): 2]
        let first = account.flows(in: reading(counts), since: nil)
        let lines = [
            sidecarLine(1010, port: 9090), sidecarLine(1011, port: 9090), sidecarLine(1012),
        ]
        let next = account.flows(in: reading(counts, lines, at: 1030), since: first.watermark)
        #expect(
            next.flows == [
                flow(report, .service(namespace: "shop", name: "cart", port: 81), 1010, 1011, 2)
            ])
        #expect(next.unplaced.isEmpty)
        let again = account.flows(in: reading(counts, at: 1060), since: next.watermark)
        #expect(again.flows.isEmpty && again.unplaced.isEmpty)
    }

    @Test("a client's proxy is believed only where the server has none")
    func sources() {
        let sent = key(from: "batch/report", inbound: false)
        let bare = account(state(plane: .none, clientPlane: .sidecar)).flows(
            in: reading([sent: 4]), since: nil)
        #expect(bare.flows == [flow(report, cart80, 10, 1000, 4)])
        let meshed = account(state(clientPlane: .sidecar))
        let first = meshed.flows(in: reading([sent: 4]), since: nil)
        #expect(first.flows.isEmpty)
        // Later without a proxy: what was sent while it had one stays counted there.
        let later = account(state(plane: .none, clientPlane: .sidecar)).flows(
            in: reading([sent: 5], at: 1030), since: first.watermark)
        #expect(later.flows.map(\.connections) == [1])
    }

    // MARK: - Logs

    @Test("of plaintext at a sidecar the log tells who, and the counters how often")
    func plaintextClients() {
        let lines = [
            sidecarLine(900), sidecarLine(910), sidecarLine(920, from: "10.0.0.1"),
            sidecarLine(930, from: "192.0.2.1"),
        ]
        let result = account(state()).flows(in: reading([key(): 6], lines), since: nil)
        #expect(
            Set(result.flows) == [
                flow(report, cart80, 900, 910, 2), flow(.node("node-1"), cart80, 920, 920, 1),
                flow(.address("192.0.2.1"), cart80, 930, 930, 1),
                flow(.unknown, cart80, 10, 1000, 2),
            ])
    }

    @Test("lines beyond what was counted, of mTLS, and of captured clients are no plaintext")
    func otherLines() {
        let name = "outbound_.80_._.\(Self.host)"
        let lines = [sidecarLine(900, name: name), sidecarLine(910), sidecarLine(920)]
        let one = account(state()).flows(in: reading([key(): 1], lines), since: nil)
        #expect(one.flows == [flow(report, cart80, 910, 910, 1)])
        let captured = account(state(clientPlane: .ambient)).flows(
            in: reading(
                [key(): 1, key(from: "batch/report", mutual: true): 1], [sidecarLine(910)]),
            since: nil)
        #expect(
            Set(captured.flows) == [
                flow(.unknown, cart80, 10, 1000, 1), flow(report, cart80, .mutualTLS, 910, 910, 1),
            ])
    }

    @Test(
        "an address is who had it at that time, and nobody's is somebody unknown before the watch began"
    )
    func addressesInTime() {
        var state = state()
        for index in state.pods.indices where state.pods[index].ip == "10.0.1.7" {
            state.pods[index].meta.creationTimestamp = at(800).rfc3339
        }
        var old = pod("batch/old")
        old.pods[0].ip = "10.0.1.7"
        old.pods[0].meta.creationTimestamp = at(100).rfc3339
        var front = pod("batch/gone")
        front.pods[0].ip = "10.0.1.8"
        let account = FlowAccount(
            FlowParties(state, departed: old.pods + front.pods, watchedSince: at(750)))
        let lines = [
            sidecarLine(90), sidecarLine(700), sidecarLine(900), sidecarLine(900, from: "10.0.1.8"),
            sidecarLine(700, from: "192.0.2.1"), sidecarLine(900, from: "192.0.2.1"),
        ]
        let found = account.flows(in: reading([key(): 6], lines), since: nil).flows
        #expect(
            Set(found) == [
                flow(.unknown, cart80, 90, 700, 2),
                flow(.pod(namespace: "batch", name: "old"), cart80, 700, 700, 1),
                flow(report, cart80, 900, 900, 1),
                flow(.pod(namespace: "batch", name: "gone"), cart80, 900, 900, 1),
                flow(.address("192.0.2.1"), cart80, 900, 900, 1),
            ])
    }

    @Test("where the counters may not be read the log is all there is, line by line, each once")
    func logAlone() {
        let account = account(state())
        let first = account.flows(
            in: reading(nil, [sidecarLine(900), sidecarLine(910)]), since: nil)
        #expect(first.flows == [flow(report, .workload(cartID, port: 8080), 900, 910, 2)])
        let lines = [sidecarLine(910), sidecarLine(1020)]
        let next = account.flows(in: reading(nil, lines, at: 1030), since: first.watermark)
        #expect(next.flows.map(\.connections) == [1])
        // Counters that come into sight begin where they are: what the log told is in them.
        let seen = account.flows(in: reading([key(): 50], at: 1060), since: next.watermark)
        #expect(seen.flows.isEmpty)
        let more = account.flows(in: reading([key(): 51], at: 1090), since: seen.watermark)
        #expect(more.flows.map(\.connections) == [1])
    }

    @Test("the log is asked for where a client or a port is open, and nothing else")
    func wantsLog() {
        let account = account(state())
        let process = ProxyWatermark.Process(uid: "p-1", runningSince: at(10))
        func wants(_ counts: [CarriedTraffic.Key: Int]?) -> Bool {
            account.wantsLog(reading(counts).counters, process: process, since: nil)
        }
        #expect(!wants([:]) && !wants([key(from: "batch/report"): 3]))
        #expect(wants([key(): 1]) && wants(nil))
    }

    // MARK: - Over time

    @Test(
        "however the samples fall, the sum is what the counters say at the end", arguments: 0..<40)
    func sums(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let account = account(state())
        let keys = [key(), key(from: "batch/report", mutual: true), key(service: "")]
        var totals: [CarriedTraffic.Key: Int] = [:]
        var sum = 0
        var watermark: ProxyWatermark?
        var lines: [LogLine] = []
        for step in 1...20 {
            let second = Int64(1000 + step * 30)
            for key in keys where random.oneIn(2) {
                let added = Int.random(in: 0...5, using: &random)
                totals[key, default: 0] += added
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    lines.append(sidecarLine(second - Int64.random(in: 0...29, using: &random)))
                }
            }
            // Some samples are lost before they are stored, and the log is then read from further back.
            lines.sort { $0.time < $1.time }
            let result = account.flows(in: reading(totals, lines, at: second), since: watermark)
            if random.oneIn(3) { continue }
            sum += result.flows.reduce(0) { $0 + $1.connections }
            // As the state file keeps it.
            watermark = try JSONDecoder().decode(
                ProxyWatermark.self, from: JSONEncoder().encode(result.watermark))
            #expect(watermark == result.watermark)
            #expect(result.unplaced.isEmpty)
        }
        let last = account.flows(in: reading(totals, at: 9000), since: watermark)
        sum += last.flows.reduce(0) { $0 + $1.connections }
        #expect(sum == totals.values.reduce(0, +))
    }
}
