import Telemetry
import Testing
import Timing

@Suite("Troubles in ztunnel's log")
struct ZtunnelTroublesTests {
    private let id = "id=spiffe://cluster.local/ns/shop/sa/cart"
    private let lost =
        "warn\txds::client:xds{id=1}\tXDS client connection error: gRPC connection error, retrying in 1s\t"
    private let established = "info\txds::client:xds{id=2}\tStream established\t"
    private let noCertificate =
        "warn\tidentity::manager\tcertificate fetch failed (x) and no valid existing certificate\t"
    private let noRenewal =
        "info\tidentity::manager\tcertificate renewal failed (x); retaining existing valid certificate\t"

    /// A line a second.
    private func troubles(_ lines: String...) throws -> ZtunnelTroubles {
        ZtunnelTroubles(
            try lines.enumerated().map { number, line in
                let time = Timestamp(milliseconds: Int64(number) * 1000)
                return try #require(LogLine("\(time.rfc3339) \(time.rfc3339)\t\(line)"))
            })
    }

    @Test("an error of xDS is open until the stream is established again")
    func xds() throws {
        let open = try troubles(established, lost, lost)
        #expect(open.open[.xds]?.count == 2)
        #expect(open.open[.xds]?.first == Timestamp(milliseconds: 1000))
        #expect(open.open[.xds]?.last == Timestamp(milliseconds: 2000))
        let over = try troubles(lost, lost, established)
        #expect(over.open.isEmpty)
        #expect(over.recovered[.xds]?.count == 2)
        #expect(try troubles(lost, established, lost).open[.xds]?.count == 1)
    }

    @Test("a rejected resource stays open, whatever the stream does")
    func rejected() throws {
        let nack = "error\txds::client:xds{id=1}\tsending response\ttype_url=\"x\" error=\"bad\""
        #expect(
            try troubles(nack, established).open[.xds]?.text
                == "sending response type_url=x error=bad")
    }

    @Test(
        "a failed fetch is over once the same identity has a certificate, by a fetch or by a connection"
    )
    func certificates() throws {
        #expect(try troubles(noCertificate + id).open[.certificate]?.count == 1)
        let fetched = "debug\tidentity::manager\tcertificate fetch succeeded\t"
        #expect(try troubles(noCertificate + id, fetched + id).open.isEmpty)
        #expect(
            try troubles(noCertificate + id, fetched + "id=other").open[.certificate]?.count == 1)
        let sent =
            "info\taccess\tconnection complete\tsrc.identity=\"spiffe://cluster.local/ns/shop/sa/cart\" direction=\"outbound\""
        #expect(try troubles(noCertificate + id, sent).recovered[.certificate]?.count == 1)
        // The other end's certificate is another ztunnel's matter.
        let received =
            "info\taccess\tconnection complete\tsrc.identity=\"spiffe://cluster.local/ns/shop/sa/cart\" direction=\"inbound\""
        #expect(try troubles(noCertificate + id, received).open[.certificate]?.count == 1)
    }

    @Test(
        "a failed renewal is over with a fetch only: until then connections have the old certificate"
    )
    func renewal() throws {
        let sent =
            "info\taccess\tconnection complete\tsrc.identity=\"spiffe://cluster.local/ns/shop/sa/cart\" direction=\"outbound\""
        #expect(try troubles(noRenewal + id, sent).open[.certificate]?.count == 1)
        let fetched = "debug\tidentity::manager\tcertificate fetch succeeded\t"
        #expect(try troubles(noRenewal + id, fetched + id).open.isEmpty)
    }

    @Test("connections without a certificate are over once the same workload has one")
    func connections() throws {
        let failed =
            "error\taccess\tconnection complete\tsrc.workload=\"cart-1\" src.namespace=\"shop\" direction=\"outbound\" error=\"identity error: signing gRPC error (Unavailable): x\""
        let worked =
            "info\taccess\tconnection complete\tsrc.workload=\"cart-1\" src.namespace=\"shop\" src.identity=\"spiffe://x\" direction=\"outbound\""
        #expect(try troubles(failed).open[.certificate]?.count == 1)
        #expect(try troubles(failed, worked).open.isEmpty)
    }

    @Test("each failed DNS request counts")
    func dns() throws {
        let failed = "error\tdns::handler\trequest error: io error\t"
        #expect(try troubles(failed, established, failed).open[.dns]?.count == 2)
    }

    @Test("refusals, ends of connections and benign reconnects are no troubles")
    func benign() throws {
        let found = try troubles(
            "error\taccess\tconnection complete\terror=\"connection closed due to policy rejection: explicitly denied by: a/b\"",
            "error\taccess\tconnection complete\terror=\"connection failed: Connection refused\"",
            "debug\txds::client\tXDS client terminated: x\t",
            "warn\tstate\tskipping unknown policy shop/db\t")
        #expect(found.open.isEmpty)
        #expect(found.unknownPolicies == ["skipping unknown policy shop/db"])
        #expect(found.entries == 4)
    }

    @Test("lines in another form are counted apart")
    func others() throws {
        let line = try #require(LogLine("2026-11-21T08:00:00Z thread 'main' panicked"))
        #expect(ZtunnelTroubles([line]).others == 1)
        #expect(ZtunnelTroubles([line]).entries == 0)
    }
}
