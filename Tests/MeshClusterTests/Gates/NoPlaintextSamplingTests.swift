import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Sampling counters for the gate no-plaintext")
struct NoPlaintextSamplingTests {
    private let cart = "shop/Pod/cart-0"
    private static let start = JumpingClock.start

    private func gate(openPorts: [Int] = [], minutes: Int64 = 30) -> NoPlaintext {
        NoPlaintext(
            targets: [.init(workload: cart, openPorts: openPorts)],
            windowMilliseconds: minutes * 60_000)
    }

    private func podJSON(_ name: String, since: Int64, uid: String? = nil) -> String {
        let time = (Self.start + .seconds(-60 * since)).rfc3339
        return """
            {"metadata": {"name": "\(name)", "namespace": "shop", "uid": "\(uid ?? "pod-shop/\(name)")",
              "annotations": {"sidecar.istio.io/status": "{}"}},
             "spec": {"nodeName": "n1", "containers": [{"name": "app"}, {"name": "istio-proxy"}]},
             "status": {"phase": "Running", "podIP": "10.0.2.9", "containerStatuses": [
               {"name": "istio-proxy", "state": {"running": {"startedAt": "\(time)"}}}]}}
            """
    }

    private func state(since: Int64, plane: PodDataplane = .sidecar) -> MeshState {
        var cart = pod("shop/cart-0", plane: plane, nodeName: "n1")
        var ztunnel = pod("istio-system/ztunnel-1", labels: ["app": "ztunnel"], nodeName: "n1")
        let time = Self.start + .seconds(-60 * since)
        for index in cart.pods[0].containers.indices {
            cart.pods[0].containers[index].runningSince = time
        }
        cart.pods[0].ip = "10.0.2.9"
        cart.pods[0].meta.creationTimestamp = time.rfc3339
        ztunnel.pods[0].containers[0].runningSince = time
        var report = pod("batch/report-1", nodeName: "n1")
        report.pods[0].ip = "10.0.1.7"
        return mesh(namespace("shop"), namespace("batch"), cart, ztunnel, report)
    }

    private static func page(mutual: Int, plaintext: Int, workload: String = "cart") -> String {
        """
        istio_requests_total{reporter="destination",destination_workload="\(workload)",destination_workload_namespace="shop",connection_security_policy="mutual_tls",response_code="200"} \(mutual)
        istio_requests_total{reporter="destination",destination_workload="\(workload)",destination_workload_namespace="shop",connection_security_policy="none",response_code="200"} \(plaintext)

        """
    }

    /// - Parameters:
    ///   - pods: the pods of the namespace, at the end.
    ///   - page: after so many minutes.
    private func judge(
        _ gate: NoPlaintext, _ state: MeshState, pods: [String]? = nil, log: String = "",
        page: @escaping @Sendable (Int64) -> String?
    ) async throws -> ([GateFinding], ProxyCluster) {
        let list = (pods ?? [podJSON("cart-0", since: 10)]).joined(separator: ",")
        let cluster = ProxyCluster { now, path in
            if path.contains("/proxy/") {
                return page((now - Self.start).wholeMilliseconds / 60_000)
            }
            if path.contains("/log?") { return log }
            return
                "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": [\(list)]}"
        }
        let reader = GateReader(client: try cluster.client(), clock: cluster.clock, state: state)
        return (gate.findings(in: await gate.sample(with: reader)), cluster)
    }

    @Test("an old proxy without plaintext is asked once, and nothing waits")
    func once() async throws {
        let (found, cluster) = try await judge(gate(), state(since: 600)) { _ in
            Self.page(mutual: 5, plaintext: 0)
        }
        #expect(found.map(\.verdict) == [.pass])
        #expect(
            cluster.paths == ["/api/v1/namespaces/shop/pods/cart-0:15020/proxy/stats/prometheus"])
        #expect(cluster.clock.now() == Self.start)
    }

    @Test(
        "a younger one is asked every five minutes until the window is over, and its pod once more")
    func younger() async throws {
        let (found, cluster) = try await judge(gate(), state(since: 10)) { minutes in
            Self.page(mutual: 5 + Int(minutes), plaintext: 0)
        }
        #expect(found.map(\.verdict) == [.pass])
        #expect(cluster.clock.now() == Self.start + .seconds(20 * 60))
        #expect(cluster.paths.count { $0.contains("/proxy/") } == 5)
        #expect(cluster.paths.count { $0.hasPrefix("/api/v1/namespaces/shop/pods?") } == 1)
    }

    @Test("plaintext ends the watching, and its access log is read for the sender")
    func plaintext() async throws {
        let time = (Self.start + .seconds(400)).rfc3339
        let log =
            "\(time) [\(time)] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 1 1 1 \"-\" \"curl\" \"1\" \"cart\" "
            + "\"10.0.2.9:8080\" inbound|8080|| 127.0.0.6:1 10.0.2.9:8080 10.0.1.7:999 - default\n"
        let (found, cluster) = try await judge(gate(), state(since: 10), log: log) { minutes in
            Self.page(mutual: 5, plaintext: minutes > 5 ? 1 : 0)
        }
        #expect(found.map(\.verdict) == [.fail])
        #expect(cluster.clock.now() == Self.start + .seconds(600))
        #expect(
            found.first?.reason == "it still accepts plaintext, from batch/Pod/report-1 at 10.0.1.7"
        )
    }

    @Test("plaintext to an open port is told by the access log, at the end of the window")
    func openPort() async throws {
        let time = (Self.start + .seconds(400)).rfc3339
        func log(_ port: Int) -> String {
            "\(time) [\(time)] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 1 1 1 \"-\" \"curl\" \"1\" \"cart\" "
                + "\"10.0.2.9:\(port)\" inbound|\(port)|| 127.0.0.6:1 10.0.2.9:\(port) 10.0.1.7:999 - default\n"
        }
        for (port, verdict) in [(9090, GateFinding.Verdict.pass), (8080, .fail)] {
            let (found, cluster) = try await judge(
                gate(openPorts: [9090]), state(since: 10), log: log(port)
            ) { minutes in
                Self.page(mutual: 5 + Int(minutes), plaintext: minutes > 5 ? 1 : 0)
            }
            #expect(found.map(\.verdict) == [verdict])
            // Once there was plaintext, only a window from the first look on speaks for itself.
            #expect(cluster.clock.now() == Self.start + .seconds(1800))
        }
    }

    @Test("a process that starts anew, or pods that come and go, leave a gap")
    func gaps() async throws {
        let lists = [
            [podJSON("cart-0", since: 5)], [podJSON("cart-0", since: 10, uid: "another")], [],
        ]
        for pods in lists {
            let (found, _) = try await judge(gate(), state(since: 10), pods: pods) { minutes in
                Self.page(mutual: 5 + Int(minutes), plaintext: 0)
            }
            #expect(found.map(\.verdict) == [.inconclusive])
        }
        let (found, _) = try await judge(gate(), state(since: 10)) { minutes in
            Self.page(mutual: minutes == 10 ? 1 : 5, plaintext: 0)
        }
        #expect(found.map(\.verdict) == [.inconclusive])
    }

    @Test(
        "a page that is refused, cut off or not the format is not judged, and nothing waits for it")
    func unread() async throws {
        for text: String? in [
            nil, "istio_requests_total{reporter=\"destination\"", "istio_requests_total x\n",
        ] {
            let (found, cluster) = try await judge(gate(), state(since: 10)) { _ in text }
            #expect(found.map(\.verdict) == [.inconclusive])
            #expect(cluster.clock.now() == Self.start)
        }
        let (found, _) = try await judge(gate(), state(since: 10)) { minutes in
            minutes == 10 ? nil : Self.page(mutual: 5, plaintext: 0)
        }
        #expect(found.map(\.verdict) == [.inconclusive])
    }

    @Test("in ambient the node's ztunnel is asked, for the workload's own counters")
    func ambient() async throws {
        let mine = Self.page(mutual: 5, plaintext: 0, workload: "cart-0")
        let others = Self.page(mutual: 5, plaintext: 7, workload: "other")
        let (found, cluster) = try await judge(gate(), state(since: 600, plane: .ambient)) { _ in
            mine + others
        }
        #expect(found.map(\.verdict) == [.pass])
        #expect(
            cluster.paths == [
                "/api/v1/namespaces/istio-system/pods/ztunnel-1:15020/proxy/stats/prometheus"
            ])
    }

    @Test("a pod without a proxy is not judged")
    func unmeshed() async throws {
        let (found, cluster) = try await judge(gate(), state(since: 600, plane: .none)) { _ in "" }
        #expect(found.map(\.verdict) == [.inconclusive])
        #expect(cluster.paths.isEmpty)
    }

    @Test("CronJobs without a data plane that run less often than once in a window are named")
    func seldom() async throws {
        var state = state(since: 600)
        var report = controller(.cronJob, "batch/report", replicas: 0).workloads[0]
        report.schedule = "0 3 * * *"
        state.workloads.append(report)
        var gate = gate()
        gate.targets[0].clients = ["batch/CronJob/report"]
        let (found, _) = try await judge(gate, state) { _ in Self.page(mutual: 1, plaintext: 0) }
        #expect(
            found.first?.evidence.contains { $0.contains("batch/CronJob/report calls once in 1d") }
                == true)
    }
}
