import Telemetry
import Testing

@Suite("Istio's counters of a proxy")
struct TrafficCountersTests {
    /// As ztunnel writes a series, with all its labels.
    private func ztunnel(
        _ family: String, _ value: Int, reporter: String = "destination", source: String = "report",
        security: String = "unknown", flags: String = "-"
    ) -> String {
        """
        istio_\(family)_total{reporter="\(reporter)",source_workload="\(source)",\
        source_canonical_service="x",source_canonical_revision="latest",\
        source_workload_namespace="\(source == "unknown" ? "unknown" : "batch")",\
        source_principal="unknown",source_app="x",source_version="latest",\
        source_cluster="Kubernetes",destination_service="cart.shop.svc.cluster.local",\
        destination_service_namespace="shop",destination_service_name="cart",\
        destination_workload="cart",destination_canonical_service="cart",\
        destination_canonical_revision="v1",destination_workload_namespace="shop",\
        destination_principal="spiffe://cluster.local/ns/shop/sa/cart",destination_app="cart",\
        destination_version="v1",destination_cluster="Kubernetes",request_protocol="tcp",\
        response_flags="\(flags)",connection_security_policy="\(security)",source_region="",\
        source_zone="",destination_region="",destination_zone=""} \(value)

        """
    }

    /// As Envoy writes one.
    private func envoy(
        _ value: Int, reporter: String = "destination", security: String = "none", code: Int = 200,
        flags: String = "-"
    ) -> String {
        """
        istio_requests_total{reporter="\(reporter)",source_workload="unknown",\
        source_workload_namespace="unknown",source_principal="unknown",destination_workload="cart",\
        destination_workload_namespace="shop",\
        destination_principal="unknown",destination_service="cart.shop.svc.cluster.local",\
        request_protocol="http",response_code="\(code)",grpc_response_status="",\
        response_flags="\(flags)",connection_security_policy="\(security)"} \(value)

        """
    }

    @Test(
        "a series is told by both ends, the Service, the security, the flags and the code's class")
    func series() throws {
        let page =
            ztunnel("tcp_connections_closed", 3, flags: "DENY")
            + envoy(7, reporter: "source", security: "unknown", code: 503, flags: "UC")
        let counters = try TrafficCounters(page: page)
        let cart = TrafficCounters.End(
            workload: "cart", namespace: "shop", principal: "spiffe://cluster.local/ns/shop/sa/cart"
        )
        let service = "cart.shop.svc.cluster.local"
        #expect(
            counters.series == [
                .init(
                    reporter: .destination,
                    source: .init(workload: "report", namespace: "batch"), destination: cart,
                    service: service, security: .unknown, flags: "DENY"): .init(closed: 3),
                .init(
                    reporter: .source, source: .init(),
                    destination: .init(workload: "cart", namespace: "shop"), service: service,
                    security: .unknown, flags: "UC", responseClass: 5): .init(requests: 7),
            ])
    }

    @Test("a page without Istio's counters is a proxy without traffic")
    func nothing() throws {
        #expect(try TrafficCounters(page: "envoy_server_live{} 1\n") == TrafficCounters())
    }

    @Test("series that differ in other labels are summed")
    func summed() throws {
        let counters = try TrafficCounters(page: envoy(1, code: 200) + envoy(2, code: 201))
        #expect(counters.series.values.map(\.requests) == [3])
    }

    @Test(
        "a counter that is no count makes the page unreadable",
        arguments: ["-1", "NaN", "+Inf", "1e300"])
    func notACount(_ value: String) {
        #expect(throws: TrafficCounters.Failure.notACount("istio_requests_total")) {
            try TrafficCounters(page: "istio_requests_total{reporter=\"source\"} \(value)\n")
        }
    }

    @Test("counts beyond all bounds do not overflow")
    func large() throws {
        var counters = try TrafficCounters(
            page: "istio_requests_total{reporter=\"source\"} 9007199254740992\n")
        for _ in 0..<20 { counters.add(counters) }
        #expect(counters.series.values.map(\.requests) == [Int.max])
    }

    @Test("the difference of two samples has what was counted in between")
    func difference() throws {
        let before = try TrafficCounters(page: envoy(5) + envoy(1, code: 500))
        let after = try TrafficCounters(page: envoy(8) + envoy(1, code: 500) + envoy(2, code: 404))
        let change = after.since(before)
        #expect(!change.isReset)
        #expect(change.counters == (try TrafficCounters(page: envoy(3) + envoy(2, code: 404))))
    }

    @Test("a counter that fell or is gone is a restart, never a negative count")
    func reset() throws {
        let before = try TrafficCounters(page: envoy(5) + envoy(1, code: 500))
        for page in [envoy(4) + envoy(1, code: 500), envoy(9), ""] {
            let after = try TrafficCounters(page: page)
            #expect(after.since(before).isReset)
            #expect(after.since(before).counters == after)
        }
    }

    @Test("plaintext received is all that is not mTLS, in ztunnel's words and in Envoy's")
    func plaintext() throws {
        let closed = try TrafficCounters(page: ztunnel("tcp_connections_closed", 2))
        #expect(ReceivedTraffic(closed).plaintext.map(\.source.workload) == ["report"])
        #expect(ReceivedTraffic(closed).plaintextArrivals == 2)
        let requests = try TrafficCounters(page: envoy(2))
        #expect(ReceivedTraffic(requests).plaintext.map(\.source) == [.init()])
        #expect(!ReceivedTraffic(requests).hasMutualTLS)
        let secure = try TrafficCounters(page: envoy(2, security: "mutual_tls"))
        #expect(ReceivedTraffic(secure).plaintext.isEmpty)
        #expect(ReceivedTraffic(secure).hasMutualTLS)
    }

    @Test("what a sender counts is not received, whatever it says of security")
    func sender() throws {
        let counters = try TrafficCounters(
            page: envoy(2, reporter: "source", security: "unknown")
                + ztunnel("tcp_connections_closed", 2, reporter: "source")
                + envoy(1, reporter: "source", security: "mutual_tls"))
        #expect(ReceivedTraffic(counters).amounts.isEmpty)
    }

    @Test("ztunnel opens a connection before it refuses it: only what was closed tells them apart")
    func refused() throws {
        let refused = ReceivedTraffic(
            try TrafficCounters(
                page: ztunnel("tcp_connections_opened", 4)
                    + ztunnel("tcp_connections_closed", 4, flags: "DENY")
                    + ztunnel("tcp_connections_failed", 4, flags: "DENY")))
        #expect(refused.plaintext.isEmpty)
        #expect(refused.amounts.values.map(\.refused) == [4])
        let accepted = ReceivedTraffic(
            try TrafficCounters(
                page: ztunnel("tcp_connections_opened", 4)
                    + ztunnel("tcp_connections_closed", 3, flags: "DENY")
                    + ztunnel("tcp_connections_closed", 1, flags: "CONNECT")))
        #expect(accepted.plaintext.map(\.amount.connections) == [1])
    }

    @Test("connections that are open are those opened and not closed, with whatever flag")
    func open() throws {
        let received = ReceivedTraffic(
            try TrafficCounters(
                page: ztunnel("tcp_connections_opened", 4)
                    + ztunnel("tcp_connections_closed", 3, flags: "DENY")))
        #expect(received.plaintext.map(\.amount.open) == [1])
    }

    @Test("bytes over a connection that is not closed are plaintext that got through")
    func bytes() throws {
        let received = ReceivedTraffic(
            try TrafficCounters(page: ztunnel("tcp_received_bytes", 17)))
        #expect(received.plaintext.map(\.amount.bytes) == [17])
    }

    @Test("a listener's counters are those in the page, and no others count as zero")
    func listeners() throws {
        let counters = try EnvoyListenerCounters(
            page: """
                envoy_listener_no_filter_chain_match{listener_address="0.0.0.0_15006"} 3
                envoy_listener_ssl_fail_verify_no_cert{envoy_listener_address="0.0.0.0_15006"} 1
                envoy_listener_no_filter_chain_match{listener_address="0.0.0.0_15021"} 0

                """)
        #expect(
            counters.listeners == [
                EnvoyListenerCounters.inbound: .init(noFilterChainMatch: 3, noCertificate: 1),
                "0.0.0.0_15021": .init(noFilterChainMatch: 0),
            ])
        #expect(try EnvoyListenerCounters(page: "").listeners.isEmpty)
    }

    @Test(
        "a value of Prometheus counts as the line of the page does; other metrics, and no counts, do not"
    )
    func fromPrometheus() throws {
        let page =
            "istio_requests_total{reporter=\"destination\",source_workload=\"unknown\",destination_workload=\"cart\","
            + "destination_workload_namespace=\"shop\",connection_security_policy=\"none\"} 3\n"
        var counters = TrafficCounters()
        let labels = [
            "reporter": "destination", "source_workload": "unknown",
            "destination_workload": "cart", "destination_workload_namespace": "shop",
            "connection_security_policy": "none", "pod": "cart-0",
        ]
        try counters.add(3, of: "istio_requests_total", labels)
        try counters.add(9, of: "istio_build", labels)
        #expect(counters == (try TrafficCounters(page: page)))
        for value in [-1, .nan, .infinity] as [Double] {
            #expect(throws: TrafficCounters.Failure.notACount("istio_requests_total")) {
                try counters.add(value, of: "istio_requests_total", labels)
            }
        }
    }
}
