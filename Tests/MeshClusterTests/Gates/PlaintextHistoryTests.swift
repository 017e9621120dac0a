import MeshCluster
import MeshModel
import MeshPlanning
import Synchronization
import TestSupport
import Testing
import Timing

@Suite("Asking Prometheus for the gate no-plaintext")
struct PlaintextHistoryTests {
    private static let start = JumpingClock.start
    private static let labels = [
        "job": "kubernetes-pods", "instance": "10.0.2.9:15020", "namespace": "shop",
        "pod": "cart-0",
    ]
    private static let report = [
        "source_workload": "report", "source_workload_namespace": "batch",
    ]

    private var gate: NoPlaintext {
        NoPlaintext(
            targets: [.init(workload: "shop/Pod/cart-0")], windowMilliseconds: 1_800_000,
            server: PrometheusServer(namespace: "monitoring", service: "prom", path: "/p"))
    }

    /// A pod that runs for so many minutes.
    private func state(since minutes: Int64 = 600, plane: PodDataplane = .sidecar) -> MeshState {
        var cart = pod("shop/cart-0", plane: plane, nodeName: "n1")
        var ztunnel = pod("istio-system/ztunnel-1", labels: ["app": "ztunnel"], nodeName: "n1")
        let time = Self.start + .seconds(-60 * minutes)
        for index in cart.pods[0].containers.indices {
            cart.pods[0].containers[index].runningSince = time
        }
        cart.pods[0].ip = "10.0.2.9"
        cart.pods[0].meta.creationTimestamp = time.rfc3339
        ztunnel.pods[0].ip = "10.0.2.1"
        ztunnel.pods[0].containers[0].runningSince = Self.start + .seconds(-36_000)
        return mesh(namespace("shop"), cart, ztunnel)
    }

    private static func series(
        _ security: String, _ start: Int?, _ latest: Int?, peak: Int? = nil,
        _ name: String = "istio_requests_total", workload: String = "cart-0"
    ) -> FakePrometheus.Series {
        var labels = [
            "destination_workload": workload, "destination_workload_namespace": "shop",
            "connection_security_policy": security,
        ]
        if security != "mutual_tls" { labels.merge(Self.report) { $1 } }
        return .init(
            name: name, labels: labels, start: start, peak: peak ?? latest, latest: latest)
    }

    /// A page of the pod that has always been scraped.
    private static func page(
        _ labels: [String: String] = Self.labels, plaintext: (Int?, Int?) = (3, 3)
    ) -> FakePrometheus.Page {
        .init(
            labels: labels,
            series: [
                series("mutual_tls", 10, 20), series("none", plaintext.0, plaintext.1),
            ])
    }

    private struct Outcome {
        var found: [GateFinding]
        var paths: [String]
        var waited: Duration
        var verdicts: [GateFinding.Verdict] { found.map(\.verdict) }
        var reason: String { found.first?.reason ?? "" }
    }

    private func ask(
        _ prometheus: FakePrometheus, state: MeshState? = nil, haste: String? = nil,
        refusing refused: Int? = nil
    ) async throws -> Outcome {
        let count = Mutex(0)
        let cluster = ProxyCluster { now, path in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == refused { return nil }
            if path.contains("/services/") { return prometheus.answer(path, at: now) }
            return """
                {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [
                 {"metadata": {"name": "cart-0", "namespace": "shop", "uid": "pod-shop/cart-0",
                   "annotations": {"sidecar.istio.io/status": "{}"}},
                  "spec": {"nodeName": "n1", "containers": [{"name": "app"}, {"name": "istio-proxy"}]},
                  "status": {"phase": "Running", "podIP": "10.0.2.9", "containerStatuses": [
                    {"name": "istio-proxy", "state": {"running": {"startedAt":
                      "\((Self.start + .seconds(-600)).rfc3339)"}}}]}}]}
                """
        }
        let reader = GateReader(
            client: try cluster.client(), clock: cluster.clock, state: state ?? self.state(),
            haste: haste)
        let found = gate.findings(in: await gate.sample(with: reader))
        return Outcome(
            found: found, paths: cluster.paths, waited: cluster.clock.now() - Self.start)
    }

    @Test("a window without plaintext passes at once, and nobody but Prometheus is asked")
    func passes() async throws {
        let outcome = try await ask(FakePrometheus(pages: [Self.page()]))
        #expect(outcome.verdicts == [.pass], "\(outcome.found)")
        #expect(outcome.waited == .zero)
        let proxy = "/api/v1/namespaces/monitoring/services/prom:9090/proxy/p/api/v1/query?query="
        #expect(outcome.paths.allSatisfy { $0.hasPrefix(proxy) })
        #expect(outcome.paths.count < 16)
    }

    @Test("plaintext within the window fails and names its sender, also in a series that is new")
    func fails() async throws {
        for (start, count) in [(3, 4), (nil, 7)] as [(Int?, Int)] {
            let outcome = try await ask(FakePrometheus(pages: [Self.page(plaintext: (start, 7))]))
            #expect(outcome.verdicts == [.fail])
            #expect(outcome.reason == "it still accepts plaintext, from batch/report")
            #expect(
                outcome.found[0].evidence.first
                    == "plaintext from batch/report: \(count) requests")
        }
    }

    @Test("connections in plaintext that are open fail, however old they are")
    func open() async throws {
        var page = Self.page()
        page.series += [
            Self.series("none", 2, 2, "istio_tcp_connections_opened_total"),
            Self.series("none", 1, 1, "istio_tcp_connections_closed_total"),
        ]
        let outcome = try await ask(FakePrometheus(pages: [page]))
        #expect(outcome.verdicts == [.fail])
        #expect(outcome.found[0].evidence.first == "plaintext from batch/report: 1 open now")
    }

    @Test("plaintext that a proxy had counted before it was gone fails")
    func former() async throws {
        var gone = Self.page(
            [
                "job": "kubernetes-pods", "instance": "10.0.7.7:15020", "namespace": "shop",
                "pod": "cart-x",
            ])
        gone.series = [Self.series("none", nil, nil, peak: 2)]
        let outcome = try await ask(FakePrometheus(pages: [Self.page(), gone]))
        #expect(outcome.verdicts == [.fail])
        gone.series = [Self.series("none", 2, nil, peak: 2)]
        #expect(
            try await ask(FakePrometheus(pages: [Self.page(), gone])).verdicts == [.pass])
    }

    @Test("a pod is known by its name, and where the labels do not give it, by its address")
    func identity() async throws {
        var labels = Self.labels
        labels["pod"] = nil
        #expect(try await ask(FakePrometheus(pages: [Self.page(labels)])).verdicts == [.pass])
        labels["instance"] = "10.0.2.10:15020"
        let other = try await ask(FakePrometheus(pages: [Self.page(labels)]))
        #expect(other.verdicts == [.inconclusive])
        #expect(other.reason.contains("no fresh sample of istio_build of pod shop/cart-0"))
        // Another cluster's pod has the same address.
        labels = Self.labels
        labels["pod"] = "web-0"
        #expect(
            try await ask(FakePrometheus(pages: [Self.page(labels)])).verdicts == [.inconclusive])
    }

    @Test("two series of one name are of two clusters, and prove nothing")
    func ambiguous() async throws {
        var other = Self.labels
        other["cluster"] = "other"
        let outcome = try await ask(
            FakePrometheus(pages: [Self.page(), Self.page(other)]))
        #expect(outcome.verdicts == [.inconclusive])
        #expect(outcome.found.first?.reason.contains("several series") == true)
    }

    @Test(
        "a pod that was not scraped, not lately, not all the time or not from the start is not judged"
    )
    func coverage() async throws {
        var stale = Self.page()
        stale.until = 400
        var missed = Self.page()
        missed.missed = 1
        var late = Self.page()
        late.since = Self.start + .seconds(-600)
        late.series = [Self.series("mutual_tls", nil, 5)]
        for pages in [[], [stale], [missed], [late]] {
            let outcome = try await ask(FakePrometheus(pages: pages))
            #expect(outcome.verdicts == [.inconclusive], "\(outcome.found)")
            #expect(outcome.waited == .zero)
            #expect(outcome.found[0].hint?.contains("`prometheusServer`") == true)
        }
    }

    @Test("silence proves nothing")
    func silence() async throws {
        var page = Self.page()
        page.series = []
        let outcome = try await ask(FakePrometheus(pages: [page]))
        #expect(outcome.verdicts == [.inconclusive])
        #expect(outcome.reason.contains("silence proves nothing"))
    }

    @Test(
        "a page of which the scrape configuration leaves out what nobody has ever seen is a doubt")
    func abridged() async throws {
        var page = Self.page()
        page.leavesOut = true
        let outcome = try await ask(FakePrometheus(pages: [page]))
        #expect(outcome.verdicts == [.inconclusive])
        #expect(outcome.reason.contains("leaves out part of its page"))
        page.series += [
            Self.series("mutual_tls", 1, 2, "istio_tcp_connections_opened_total"),
            Self.series("mutual_tls", 1, 2, "istio_tcp_connections_closed_total"),
        ]
        #expect(try await ask(FakePrometheus(pages: [page])).verdicts == [.pass])
    }

    @Test("a clock that is off, and any query without an answer, are no data", arguments: 1...12)
    func refused(number: Int) async throws {
        let outcome = try await ask(FakePrometheus(pages: [Self.page()]), refusing: number)
        #expect(outcome.verdicts == [.inconclusive], "\(outcome.paths)")
        #expect(outcome.reason.contains("the verb get on services/proxy") == true)
        #expect(outcome.waited == .zero)
        let clock = try await ask(
            FakePrometheus(pages: [Self.page()], skew: number.isMultiple(of: 2) ? 90 : -90))
        #expect(clock.verdicts == [.inconclusive])
        #expect(clock.reason.contains("the clock of prom.monitoring:9090/p says"))
    }

    @Test("a young proxy is asked about again once it is old enough, unless another gate stops")
    func young() async throws {
        var page = Self.page(plaintext: (nil, nil))
        page.since = Self.start + .seconds(-590)
        page.series = [Self.series("mutual_tls", nil, 5)]
        let prometheus = FakePrometheus(pages: [page])
        let outcome = try await ask(prometheus, state: state(since: 10))
        #expect(outcome.verdicts == [.pass], "\(outcome.found)")
        #expect(outcome.waited >= .seconds(1205) && outcome.waited < .seconds(1220))
        #expect(outcome.paths.contains { $0.hasPrefix("/api/v1/namespaces/shop/pods") })
        let hurried = try await ask(
            prometheus, state: state(since: 10), haste: "dns-ready does not pass")
        #expect(hurried.waited == .zero)
        #expect(hurried.verdicts == [.inconclusive])
        #expect(hurried.reason.contains("is not watched on, because dns-ready does not pass"))
    }

    @Test("in ambient it is the node's ztunnel that has to be scraped")
    func ambient() async throws {
        let ztunnel = [
            "job": "kubernetes-pods", "instance": "10.0.2.1:15020", "namespace": "istio-system",
            "pod": "ztunnel-1", "component": "ztunnel",
        ]
        let opened = "istio_tcp_connections_opened_total"
        let closed = "istio_tcp_connections_closed_total"
        var page = FakePrometheus.Page(
            labels: ztunnel,
            series: [
                Self.series("mutual_tls", 4, 9, opened), Self.series("mutual_tls", 4, 9, closed),
                Self.series("unknown", 3, 3, opened), Self.series("unknown", 3, 3, closed),
                Self.series("unknown", 3, 9, opened, workload: "other"),
            ])
        let state = state(plane: .ambient)
        #expect(try await ask(FakePrometheus(pages: [page]), state: state).verdicts == [.pass])
        page.series.append(Self.series("unknown", nil, 1, opened))
        page.series.append(Self.series("unknown", nil, 1, closed))
        let outcome = try await ask(FakePrometheus(pages: [page]), state: state)
        #expect(outcome.verdicts == [.fail])
        #expect(
            try await ask(FakePrometheus(pages: [Self.page()]), state: state).verdicts
                == [.inconclusive])
    }

    @Test("many pods are asked about some at a time, and names that no pod can have match nothing")
    func chunks() async throws {
        var state = mesh(namespace("shop"))
        var pages: [FakePrometheus.Page] = []
        for number in 0..<120 {
            var cart = pod("shop/cart-\(number)", plane: .sidecar)
            cart.pods[0].ip = "10.0.9.\(number)"
            state.pods += cart.pods
        }
        state.pods[0].meta.name = "x\"} or up{a=\""
        pages.append(Self.page())
        var gate = gate
        gate.targets = state.pods.map { .init(workload: "shop/Pod/\($0.meta.name)") }
        let prometheus = FakePrometheus(pages: pages)
        let cluster = ProxyCluster { now, path in prometheus.answer(path, at: now) }
        let reader = GateReader(
            client: try cluster.client(), clock: cluster.clock, state: state)
        let found = gate.findings(in: await gate.sample(with: reader))
        #expect(found.count == 120 && found.allSatisfy { $0.verdict == .inconclusive })
        #expect(cluster.paths.count { $0.contains("query=timestamp") } == 3)
        #expect(cluster.paths.allSatisfy { $0.utf8.count < 8192 && !$0.contains("up%7B") })
    }
}
