import MeshModel
import MeshPlanning
import Telemetry
import TestSupport
import Testing
import Timing

@Suite("Gate ztunnel-logs")
struct ZtunnelLogsTests {
    private let gate = ZtunnelLogs(
        namespaces: ["shop"], windowMilliseconds: 600_000, maximumErrors: 0)
    private let now = Timestamp(milliseconds: 10_000_000)

    private func before(_ seconds: Int64) -> Timestamp { now + .seconds(-seconds) }

    private func ztunnel(created: Int64 = 9000, since: Int64? = 9000) -> Pod {
        var pod = pod("istio-system/ztunnel-1", labels: ["app": "ztunnel"]).pods[0]
        pod.meta.creationTimestamp = before(created).rfc3339
        pod.containers = [Container(name: "istio-proxy")]
        pod.containers[0].runningSince = since.map(before)
        return pod
    }

    private func troubles(_ lines: String...) -> ZtunnelTroubles {
        ZtunnelTroubles(
            lines.compactMap { LogLine("\(now.rfc3339) \(now.rfc3339)\t\($0)") })
    }

    private func judge(
        _ gate: ZtunnelLogs? = nil, pod: Pod? = nil,
        start: Reading<Timestamp?>? = nil, troubles: Reading<ZtunnelTroubles>? = nil
    ) -> [GateFinding] {
        let ztunnel = ZtunnelLogs.Ztunnel(
            pod: pod ?? ztunnel(), logStart: start ?? .seen(before(9000)),
            troubles: troubles ?? .seen(self.troubles("info\tstate\tfine\t")))
        return (gate ?? self.gate).findings(
            in: .init(
                until: now,
                nodes: [.init(name: "node-1", namespaces: ["shop"], ztunnels: [ztunnel])]))
    }

    private let lost = "warn\txds::client\tXDS client connection error: x, retrying in 1s\t"
    private let established = "info\txds::client\tStream established\t"

    @Test("a log without errors that covers the window passes")
    func passes() {
        let found = judge()
        #expect(found.map(\.verdict) == [.pass])
        #expect(found[0].reason.contains("10m"))
    }

    @Test("an error that is not over fails, and names the node")
    func fails() {
        let found = judge(troubles: .seen(troubles(lost, lost)))
        #expect(found.map(\.verdict) == [.fail])
        #expect(found[0].subject == "node node-1")
        #expect(found[0].reason == "ztunnel logged 2 xDS errors from which it has not recovered")
        #expect(found[0].command == "kubectl -n istio-system logs ztunnel-1 --since=600s")
    }

    @Test("an error that is over passes, and is told")
    func recovered() {
        let found = judge(troubles: .seen(troubles(lost, established)))
        #expect(found.map(\.verdict) == [.pass])
        #expect(found[0].evidence.first?.contains(", over") == true)
    }

    @Test("as many errors pass as the plan file lets")
    func maximum() {
        var gate = gate
        gate.maximumErrors = 2
        #expect(judge(gate, troubles: .seen(troubles(lost, lost))).map(\.verdict) == [.pass])
        #expect(judge(gate, troubles: .seen(troubles(lost, lost, lost))).map(\.verdict) == [.fail])
    }

    @Test("errors fail even where the log does not cover the window")
    func failsUncovered() {
        let found = judge(start: .seen(before(60)), troubles: .seen(troubles(lost)))
        #expect(found.map(\.verdict) == [.fail])
    }

    @Test("a log that begins within the window was rotated, and cannot be judged")
    func rotated() {
        let found = judge(start: .seen(before(300)))
        #expect(found.map(\.verdict) == [.inconclusive])
        #expect(found[0].namespace == "shop")
        #expect(found[0].reason.contains("it was rotated"))
    }

    @Test("of a pod that is younger than the window, its life is enough")
    func young() {
        let pod = ztunnel(created: 310, since: 300)
        #expect(judge(pod: pod, start: .seen(before(299))).map(\.verdict) == [.pass])
        #expect(judge(pod: pod, start: .seen(before(200))).map(\.verdict) == [.inconclusive])
    }

    @Test("a process that started anew within the window has lost its log")
    func restarted() {
        let found = judge(pod: ztunnel(since: 300), start: .seen(before(299)))
        #expect(found.map(\.verdict) == [.inconclusive])
        #expect(found[0].reason.contains("started anew"))
    }

    @Test("what was not seen cannot be judged")
    func unseen() {
        let cases: [[GateFinding]] = [
            judge(troubles: .unseen(why: "the log of pod x: not permitted")),
            judge(start: .unseen(why: "the log of pod x: not permitted")),
            judge(start: .seen(nil)), judge(pod: ztunnel(since: nil)),
            judge(troubles: .seen(ZtunnelTroubles([LogLine(time: now, text: "panicked")]))),
            gate.findings(in: .init(until: now, nodes: [])),
            gate.findings(
                in: .init(until: now, nodes: [.init(name: "n", namespaces: ["shop"], ztunnels: [])])
            ),
            ZtunnelLogs(namespaces: [], windowMilliseconds: 1, maximumErrors: 0)
                .findings(in: .init(until: now, nodes: [])),
        ]
        for found in cases {
            #expect(found.map(\.verdict) == [.inconclusive])
            #expect(found[0].reason.hasPrefix("cannot judge, because "))
        }
    }

    @Test("the nodes are those where pods of the namespaces run, with the ztunnels of each")
    func nodes() {
        let state = mesh(
            pod("shop/a", nodeName: "n2"), pod("shop/b", nodeName: "n1"),
            pod("shop/done", phase: "Succeeded", nodeName: "n3"), pod("other/c", nodeName: "n4"),
            pod("istio-system/z1", labels: ["app": "ztunnel"], nodeName: "n1"),
            pod("istio-system/z4", labels: ["app": "ztunnel"], nodeName: "n4"))
        let nodes = gate.nodes(in: state)
        #expect(nodes.map(\.name) == ["n1", "n2"])
        #expect(nodes.map { $0.pods.map(\.meta.name) } == [["z1"], []])
    }

    @Test("whatever is missing, no pass comes of it", arguments: 0..<200)
    func property(_ seed: Int) {
        var generator = SeededGenerator(seed: seed)
        var isWhole = true
        var isGood = true
        let nodes = (0..<Int.random(in: 1...4, using: &generator)).map { number in
            let ztunnels = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                var ztunnel = ZtunnelLogs.Ztunnel(
                    pod: ztunnel(), logStart: .seen(before(9000)),
                    troubles: .seen(troubles("info\tstate\tfine\t")))
                switch Int.random(in: 0..<16, using: &generator) {
                case 0: ztunnel.logStart = .unseen(why: "x")
                case 1: ztunnel.logStart = .seen(nil)
                case 2: ztunnel.logStart = .seen(before(10))
                case 3: ztunnel.troubles = .unseen(why: "x")
                case 4: ztunnel.pod = self.ztunnel(since: nil)
                case 5:
                    ztunnel.troubles = .seen(troubles(lost))
                    isGood = false
                    return ztunnel
                default: return ztunnel
                }
                isWhole = false
                return ztunnel
            }
            if ztunnels.isEmpty { isWhole = false }
            return ZtunnelLogs.Node(name: "n\(number)", namespaces: ["shop"], ztunnels: ztunnels)
        }
        let found = gate.findings(in: .init(until: now, nodes: nodes))
        #expect(!found.isEmpty)
        #expect(found.letPass == (isWhole && isGood))
        #expect(found.contains { $0.verdict == .fail } == !isGood)
    }
}
