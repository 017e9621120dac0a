import Telemetry
import Testing
import Timing

@Suite("Refused connections in access logs")
struct RefusedConnectionTests {
    private func ztunnel(
        _ error: String, direction: String = "inbound", more: String = "",
        source: String = #"src.workload="web-1" src.namespace="shop" "#
    ) -> RefusedConnection? {
        let line = LogLine(
            "2026-11-21T08:00:00.123Z 2026-11-21T08:00:00.120000Z\terror\taccess\tconnection complete\t"
                + "src.addr=10.0.1.7:34567 \(source)dst.addr=10.0.2.9:8080 \(more)"
                + #"dst.workload="cart-0" dst.namespace="shop" direction="\#(direction)" bytes_sent=0 "#
                + #"bytes_recv=0 duration="0ms" error="\#(error)""#)
        return line.flatMap { RefusedConnection(ztunnel: $0) }
    }

    @Test("ztunnel tells who was refused where, by what kind of policy")
    func causes() {
        let denied = "connection closed due to policy rejection: explicitly denied by: "
        let cases: [(String, RefusedConnection.Cause)] = [
            (denied + "istio-system/istio_converted_static_strict", .policy),
            (denied + "shop/converted_peer_authentication_cart", .policy),
            (
                "connection closed due to policy rejection: allow policies exist, but none allowed",
                .policy
            ),
            (denied + "shop/no-scripts", .denied),
            ("connection closed due to policy change", .policyChange),
        ]
        for (error, cause) in cases {
            #expect(
                ztunnel(error)
                    == RefusedConnection(
                        time: Timestamp(milliseconds: 1_795_248_000_123), cause: cause,
                        from: SocketAddress(address: "10.0.1.7", port: 34567),
                        source: .init(namespace: "shop", name: "web-1"),
                        to: SocketAddress(address: "10.0.2.9", port: 8080)))
        }
    }

    @Test("the client's ztunnel tells of the same refusal: it is not taken twice")
    func outbound() {
        #expect(ztunnel("http status: 401 Unauthorized", direction: "outbound") == nil)
        #expect(
            ztunnel(
                "connection closed due to policy rejection: explicitly denied by: a/b",
                direction: "outbound") == nil)
    }

    @Test("inside HBONE the port is the server's own, not 15008")
    func hbone() {
        let found = ztunnel(
            "connection closed due to policy change", more: "dst.hbone_addr=10.0.2.9:9090 ")
        #expect(found?.to.port == 9090)
    }

    @Test("an address without a pod has no name; other errors and successes are no refusals")
    func others() {
        #expect(ztunnel("connection closed due to policy change", source: "")?.source == nil)
        #expect(ztunnel("connection failed: Connection refused (os error 111)") == nil)
        let carried = LogLine(
            "2026-11-21T08:00:00Z 2026-11-21T08:00:00.000000Z\tinfo\taccess\tconnection complete\t"
                + #"src.addr=10.0.1.7:1 dst.addr=10.0.2.9:80 direction="inbound""#)
        #expect(carried.flatMap { RefusedConnection(ztunnel: $0) } == nil)
    }

    @Test("a sidecar tells of a connection without a filter chain, where its access log is on")
    func sidecar() throws {
        let refused = try #require(
            LogLine(
                #"2026-11-21T08:00:00Z [2026-11-21T08:00:00.120Z] "- - -" 0 NR filter_chain_not_found "#
                    + #"- "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.2.9:8080 10.0.1.7:34567 - -"#))
        let found = try #require(RefusedConnection(sidecar: refused))
        #expect(found.cause == .noFilterChain && found.source == nil)
        #expect(found.from.address == "10.0.1.7" && found.to.port == 8080)
        let other = try #require(
            LogLine(
                #"2026-11-21T08:00:00Z [2026-11-21T08:00:00.120Z] "GET / HTTP/1.1" 404 NR route_not_found "#
                    + #"- "-" 0 0 0 - "-" "curl" "1" "cart" "-" - - 10.0.2.9:8080 10.0.1.7:34567 - -"#
            ))
        #expect(RefusedConnection(sidecar: other) == nil)
    }

    @Test("flags of counters tell a refusal from other ends")
    func flags() {
        func series(
            _ reporter: TrafficCounters.Reporter, _ flags: String, _ responseClass: Int = 0
        ) -> TrafficCounters.Series {
            .init(
                reporter: reporter, source: .init(), destination: .init(), security: .unknown,
                flags: flags, responseClass: responseClass)
        }
        #expect(series(.destination, "DENY").isDenied && !series(.destination, "CONNECT").isDenied)
        for (flags, code, isReset) in [
            ("UC", 5, true), ("URX,UC", 5, true), ("UF", 5, false), ("URX,UF", 0, true),
            ("-", 2, false), ("UCX", 5, false), ("DC", 0, false),
        ] {
            #expect(series(.source, flags, code).isResetByServer == isReset, "\(flags)")
        }
        #expect(!series(.destination, "UC", 5).isResetByServer)
    }

    @Test(
        "a page without the inbound listener's counter has no refusals to tell, which is not zero")
    func listener() throws {
        func refused(_ page: String) throws -> Int? {
            try EnvoyListenerCounters(page: page).refusedInbound
        }
        let unmatched =
            "envoy_listener_no_filter_chain_match{listener_address=\"0.0.0.0_15006\"} 7\n"
        let missing =
            "envoy_listener_ssl_fail_verify_no_cert{listener_address=\"0.0.0.0_15006\"} 2\n"
        #expect(try refused("") == nil && refused(missing) == nil)
        #expect(try refused(unmatched) == 7 && refused(unmatched + missing) == 9)
    }
}
