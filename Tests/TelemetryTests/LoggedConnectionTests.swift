import Telemetry
import Testing

@Suite("Connections in access logs")
struct LoggedConnectionTests {
    private func line(_ text: String) throws -> LogLine {
        try #require(LogLine("2026-11-21T08:00:01Z \(text)"))
    }

    private func ztunnel(_ rest: String) throws -> LoggedConnection? {
        LoggedConnection(
            ztunnel: try line(
                "2026-11-21T08:00:00Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.1.7:51234 "
                    + "src.workload=\"report-1\" src.namespace=\"batch\" " + rest))
    }

    private func sidecar(
        _ cluster: String = "inbound|8080||", flags: String = "-", serverName: String = "-"
    ) throws -> LoggedConnection? {
        LoggedConnection(
            sidecar: try line(
                "[2026-11-21T08:00:00.000Z] \"GET / HTTP/1.1\" 200 \(flags) via_upstream - \"-\" 0 12 3 2 "
                    + "\"-\" \"curl\" \"id\" \"cart\" \"10.0.2.9:8080\" \(cluster) "
                    + "127.0.0.6:41000 10.0.2.9:8080 10.0.1.7:51234 \(serverName) default"))
    }

    @Test(
        "a ztunnel's line has both pods, the Service, the application's port, and mTLS by the identity"
    )
    func hbone() throws {
        let found = try #require(
            try ztunnel(
                "src.identity=\"spiffe://a\" dst.addr=10.0.2.9:15008 dst.hbone_addr=10.0.2.9:8080 "
                    + "dst.service=\"cart.shop.svc.cluster.local\" dst.workload=\"cart-0\" "
                    + "dst.namespace=\"shop\" dst.identity=\"spiffe://b\" direction=\"inbound\""))
        #expect(found.isInbound && found.isMutualTLS)
        #expect(found.to == SocketAddress(address: "10.0.2.9", port: 8080))
        #expect(found.source == .init(namespace: "batch", name: "report-1"))
        #expect(found.destination == .init(namespace: "shop", name: "cart-0"))
        #expect(found.service == "cart.shop.svc.cluster.local")
    }

    @Test("without the other side's identity it is plaintext, in each direction")
    func plaintext() throws {
        for direction in ["inbound", "outbound"] {
            let found = try ztunnel("dst.addr=10.0.2.9:8080 direction=\"\(direction)\"")
            #expect(found?.isMutualTLS == false)
            #expect(found?.isInbound == (direction == "inbound"))
            #expect(found?.destination == nil && found?.service == "")
        }
    }

    @Test(
        "what was refused, or found nobody, did not get through; one side ending first did",
        arguments: [
            ("connection closed due to policy rejection: explicitly denied by: a/b", false),
            ("connection failed: Connection refused (os error 111)", false),
            ("http status: 401 Unauthorized", false),
            ("connection closed due to policy change", true),
            ("client disconnected before all data was written", true),
        ])
    func failures(error: String, gotThrough: Bool) throws {
        let found = try ztunnel(
            "dst.addr=10.0.2.9:8080 direction=\"inbound\" error=\"\(error)\"")
        #expect((found != nil) == gotThrough)
    }

    @Test("a sidecar's line is mTLS by the Service in its server name")
    func sidecarSecurity() throws {
        #expect(try sidecar()?.isMutualTLS == false)
        let name = "outbound_.80_._.cart.shop.svc.cluster.local"
        #expect(try sidecar(serverName: name)?.isMutualTLS == true)
        // TLS of the application's own is nobody of the mesh.
        #expect(try sidecar(serverName: "cart.example.com")?.isMutualTLS == false)
    }

    @Test("what a sidecar sends, and what did not reach its application, is left out")
    func sidecarOthers() throws {
        #expect(try sidecar("outbound|80||cart.shop.svc.cluster.local") == nil)
        #expect(try sidecar(flags: "UF,URX") == nil)
        #expect(try sidecar("InboundPassthroughCluster") != nil)
    }
}
