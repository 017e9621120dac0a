import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Reading ztunnel's logs for the gate")
struct ZtunnelLogsSamplingTests {
    private let gate = ZtunnelLogs(
        namespaces: ["shop"], windowMilliseconds: 600_000, maximumErrors: 0)
    private let old = JumpingClock.start + .seconds(-9000)

    private var state: MeshState {
        var ztunnel = pod("istio-system/ztunnel-1", labels: ["app": "ztunnel"], nodeName: "n1")
        ztunnel.pods[0].meta.creationTimestamp = old.rfc3339
        ztunnel.pods[0].containers[0].runningSince = old
        return mesh(
            namespace("shop"), pod("shop/cart-0", plane: .ambient, nodeName: "n1"), ztunnel,
            pod("istio-system/ztunnel-2", labels: ["app": "ztunnel"], nodeName: "n2"))
    }

    private func verdicts(_ answer: @escaping ProxyCluster.Answer) async throws -> (
        [GateFinding], ProxyCluster
    ) {
        let cluster = ProxyCluster(answer)
        let reader = GateReader(client: try cluster.client(), clock: cluster.clock, state: state)
        return (gate.findings(in: await gate.sample(with: reader)), cluster)
    }

    private func line(_ time: Timestamp, _ text: String) -> String {
        "\(time.rfc3339) \(time.rfc3339)\t\(text)\n"
    }

    @Test("only the ztunnels of the nodes are asked: for where the log begins, and for the window")
    func asks() async throws {
        let old = old
        let (found, cluster) = try await verdicts { _, path in
            path.contains("limitBytes") ? self.line(old, "info\tztunnel\tstarts\té") : ""
        }
        #expect(found.map(\.verdict) == [.pass])
        #expect(
            cluster.paths.sorted() == [
                "/api/v1/namespaces/istio-system/pods/ztunnel-1/log?timestamps=true&limitBytes=4096",
                "/api/v1/namespaces/istio-system/pods/ztunnel-1/log?timestamps=true&sinceSeconds=600",
            ])
    }

    @Test("an error in the window fails")
    func error() async throws {
        let (found, _) = try await verdicts { now, path in
            path.contains("limitBytes")
                ? self.line(self.old, "info\tztunnel\tstarts\t")
                : self.line(now, "warn\txds::client\tXDS client error: x, retrying in 1s\t")
        }
        #expect(found.map(\.verdict) == [.fail])
    }

    @Test("a log that is refused, or empty, is not judged")
    func refused() async throws {
        for answer: String? in [nil, ""] {
            let (found, _) = try await verdicts { _, _ in answer }
            #expect(found.map(\.verdict) == [.inconclusive])
        }
    }
}
