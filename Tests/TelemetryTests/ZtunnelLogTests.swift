import Telemetry
import Testing
import Timing

@Suite("ztunnel's log")
struct ZtunnelLogTests {
    private func entry(_ line: String) throws -> ZtunnelLogEntry {
        try #require(ZtunnelLogEntry(line[...]))
    }

    private let refusal = #"""
        2026-11-21T08:00:00.123456Z	error	access	connection complete	src.addr=10.0.1.7:51234 src.workload="report-x" src.namespace="batch" dst.addr=10.0.2.9:8080 dst.service="cart.shop.svc.cluster.local" dst.workload="cart-7" dst.namespace="shop" direction="inbound" bytes_sent=0 bytes_recv=0 duration="0ms" error="connection closed due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict"
        """#

    @Test("the plain form has time, level, target, message and fields")
    func plain() throws {
        let entry = try entry(refusal)
        #expect(entry.time == Timestamp(rfc3339: "2026-11-21T08:00:00.123Z"))
        #expect(entry.level == .error)
        #expect(entry.target == "access")
        #expect(entry.message == "connection complete")
        #expect(entry.fields["src.addr"] == "10.0.1.7:51234")
        #expect(entry.fields["dst.service"] == "cart.shop.svc.cluster.local")
        #expect(entry.fields["bytes_sent"] == "0")
        #expect(ZtunnelLogClass(entry) == .strictRefusal)
    }

    @Test("the JSON form says the same")
    func json() throws {
        let line = #"""
            {"level":"error","time":"2026-11-21T08:00:00.123456Z","scope":"access","message":"connection complete","src.addr":"10.0.1.7:51234","src.workload":"report-x","src.namespace":"batch","dst.addr":"10.0.2.9:8080","dst.service":"cart.shop.svc.cluster.local","dst.workload":"cart-7","dst.namespace":"shop","direction":"inbound","bytes_sent":0,"bytes_recv":0,"duration":"0ms","error":"connection closed due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict"}
            """#
        #expect(try entry(line) == entry(refusal))
    }

    @Test("spans are no part of the target, in which the crate's name is left out")
    func target() throws {
        let line = "2026-11-21T08:00:00Z\tinfo\txds::client:xds{id=1}\tStream established\t"
        #expect(try entry(line).target == "xds::client")
        let json =
            #"{"level":"info","time":"2026-11-21T08:00:00Z","scope":"ztunnel::xds::client","message":"Stream established","xds":{"id":1}}"#
        #expect(try entry(json).target == "xds::client")
        #expect(try entry(json).fields.isEmpty)
    }

    @Test("quoted values have Rust's escapes, values without quotes may have blanks")
    func fields() throws {
        let line =
            "2026-11-21T08:00:00Z\tinfo\tx\tm\t a=1 b=\"say \\\"hi\\\" c=2 \\\\ \\n \\u{1f600}\" d=Some(1 2) e=3"
        #expect(
            try entry(line).fields == [
                "a": "1", "b": "say \"hi\" c=2 \\ \n 😀", "d": "Some(1 2)", "e": "3",
            ])
    }

    @Test(
        "other lines are no entries",
        arguments: [
            "", "thread 'main' panicked at src/main.rs", "2026-11-21T08:00:00Z\tinfo",
            "2026-11-21T08:00:00Z\tloud\tx\tm", "yesterday\tinfo\tx\tm", "{\"level\":\"info\"}",
            "{",
            "[1]", String(repeating: "x", count: ZtunnelLogEntry.maximumBytes + 1),
        ])
    func none(_ line: String) { #expect(ZtunnelLogEntry(line[...]) == nil) }

    @Test(
        "errors of connections have their class",
        arguments: [
            (
                "connection closed due to policy rejection: explicitly denied by: shop/converted_peer_authentication_db",
                ZtunnelLogClass.portStrictRefusal
            ),
            (
                "connection closed due to policy rejection: explicitly denied by: shop/no-batch",
                .denied
            ),
            (
                "connection closed due to policy rejection: allow policies exist, but none allowed",
                .notAllowed
            ),
            ("connection closed due to policy change", .policyChange),
            ("http status: 401 Unauthorized", .peerRefused),
            (
                "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed",
                .networkPolicy
            ),
            ("connection failed: Connection refused (os error 111)", .connectFailed),
            (
                "tls error: tls handshake error: identity verification error: peer did not present the expected SAN",
                .wrongIdentity
            ),
            ("tls error: invalid certificate", .wrongIdentity),
            ("identity error: signing gRPC error (Unavailable): no connection", .noCertificate),
            ("failed to fetch information about local workload: x", .noRoute),
            ("unknown waypoint: x", .noRoute), ("no healthy upstream: 10.0.0.1:80", .noRoute),
            ("no valid routing destination for workload: x", .noRoute),
            ("connection closed: peer certificate revoked by CRL", .certificateRevoked),
            ("connection closed due to connection drain", .drained),
            ("connection failed to drain within the timeout", .drained),
            ("pool draining", .drained),
            ("attempted recursive call to ourselves", .illegalPort),
            ("ip mismatch: 10.0.0.1 != 10.0.0.2", .targetMismatch),
            ("destination disconnected before all data was written", .halfClose),
            ("receive: io error: reset", .halfClose), ("send: io error: reset", .halfClose),
            ("dns: no records", .connectionDNS), ("dns lookup: timeout", .connectionDNS),
            ("dns response had no valid IP addresses", .connectionDNS),
            ("no ip addresses were resolved for workload: x", .connectionDNS),
            ("something new", .otherConnectionError),
        ])
    func connection(_ error: String, _ kind: ZtunnelLogClass) throws {
        for message in ["connection complete", "connection failed"] {
            let line =
                "2026-11-21T08:00:00Z\terror\taccess\t\(message)\tsrc.addr=10.0.0.1:1 error=\"\(error)\""
            #expect(try ZtunnelLogClass(entry(line)) == kind)
        }
    }

    @Test(
        "lines of operation have their class",
        arguments: [
            (
                "warn\txds::client:xds{id=2}\tXDS client connection error: gRPC connection error connecting to https://istiod.istio-system.svc:15012: status: Unknown, retrying in 1s",
                ZtunnelLogClass.xdsConnectionError
            ),
            (
                "warn\txds::client\tXDS client error: gRPC error status: Internal, retrying in 1s",
                .xdsError
            ),
            (
                "debug\txds::client\tXDS client terminated: gRPC error, retrying in 1s",
                .xdsTerminated
            ),
            ("warn\txds::client\tXDS client complete\t", .xdsComplete),
            ("info\txds::client:xds{id=3}\tStream established\t", .xdsEstablished),
            (
                "error\txds::client:xds{id=3}\tsending response\ttype_url=\"type.googleapis.com/istio.workload.Address\" nonce=\"1\" type=Nack error=\"decode\"",
                .xdsRejected
            ),
            (
                "debug\txds::client:xds{id=3}\tsending response\ttype_url=\"x\" type=Ack", .other
            ),
            (
                "warn\tidentity::manager\tcertificate fetch failed (signing gRPC error (Unavailable): x) and no valid existing certificate; will retry in 1s\tid=spiffe://cluster.local/ns/a/sa/b",
                .certificateFetchFailed
            ),
            (
                "info\tidentity::manager\tcertificate renewal failed (x); retaining existing valid certificate until y\tid=z",
                .certificateRenewalFailed
            ),
            ("debug\tidentity::manager\tcertificate fetch succeeded\tid=z", .certificateFetched),
            ("warn\tstate\tskipping unknown policy shop/db\t", .unknownPolicy),
            ("error\tdns::handler\trequest error: io error\t", .dnsRequestError),
            ("info\tdns::server\tstarting local DNS server\taddress=[::1]:1", .dnsStarted),
            ("info\tproxy::inbound\tlistener established\taddress=x", .listenerEstablished),
            ("info\tinpod::statemanager\tpod delete request, shutting down proxy\t", .podDeleted),
            (
                "info\tinpod::statemanager\tretrying workload failed: x\tuid=\"a\"",
                .workloadRetryFailed
            ),
            ("info\tstate\tdeny policy match\tpolicy=\"a/b\"", .policyDecision),
            ("info\treadiness\tTask 'proxy' complete\t", .other),
            ("info\taccess\tconnection complete\tsrc.addr=10.0.0.1:1", .connectionComplete),
            ("debug\taccess\tconnection opened\tsrc.addr=10.0.0.1:1", .connectionOpened),
        ])
    func operation(_ rest: String, _ kind: ZtunnelLogClass) throws {
        #expect(try ZtunnelLogClass(entry("2026-11-21T08:00:00Z\t" + rest)) == kind)
    }

    @Test("any line is read or none", arguments: 0..<100)
    func fuzz(_ seed: Int) {
        var generator = Seeded(seed)
        let alphabet = Array("ab=\"\\ u{}:1\t,\u{0}é")
        let text = String((0..<200).map { _ in alphabet[generator.below(alphabet.count)] })
        _ = ZtunnelLogEntry("2026-11-21T08:00:00Z\tinfo\t\(text)")
        _ = ZtunnelLogEntry("2026-11-21T08:00:00Z\tinfo\tx\tm\t\(text)")
        _ = ZtunnelLogEntry("{\(text)}")
    }
}
