import Telemetry
import Testing

@Suite("Access logs of sidecars, and plaintext in access logs")
struct AccessLogTests {
    private func sidecar(
        agent: String = "curl/8", cluster: String = "inbound|8080||", serverName: String = "-"
    ) -> String {
        "[2026-11-21T08:00:00.000Z] \"GET /cart?a=1 HTTP/1.1\" 200 - via_upstream - \"-\" 0 12 3 2 "
            + "\"-\" \"\(agent)\" \"id-1\" \"cart.shop\" \"10.0.2.9:8080\" \(cluster) "
            + "127.0.0.6:41000 10.0.2.9:8080 10.0.1.7:51234 \(serverName) default"
    }

    @Test("a line in Istio's format has code, flags, details, cluster and addresses")
    func text() throws {
        let line =
            "[2026-11-21T08:00:00.000Z] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" "
            + "\"-\" \"-\" - - 10.0.2.9:8080 10.0.1.7:51234 - -"
        let entry = try #require(EnvoyAccessLogEntry(line[...]))
        #expect(entry.responseCode == 0)
        #expect(entry.flags == ["NR"])
        #expect(entry.details == "filter_chain_not_found")
        #expect(entry.cluster.isEmpty)
        #expect(entry.local == SocketAddress(address: "10.0.2.9", port: 8080))
        #expect(entry.remote?.address == "10.0.1.7")
        #expect(!entry.isInbound)
    }

    @Test("the JSON form says the same")
    func json() throws {
        let line =
            #"{"response_code":200,"response_flags":"-","response_code_details":"via_upstream","upstream_cluster":"inbound|8080||","downstream_local_address":"10.0.2.9:8080","downstream_remote_address":"10.0.1.7:51234","requested_server_name":null}"#
        #expect(EnvoyAccessLogEntry(line[...]) == EnvoyAccessLogEntry(sidecar()[...]))
    }

    @Test("quotes in a client's header do not move the addresses")
    func hostile() throws {
        let entry = try #require(
            EnvoyAccessLogEntry(sidecar(agent: "\" 503 UC \" x \"outbound|1||")[...]))
        #expect(entry.cluster == "inbound|8080||")
        #expect(entry.responseCode == 200)
        #expect(entry.local?.port == 8080)
    }

    @Test(
        "other lines are no entries",
        arguments: ["", "[", "[x] \"", "[x] \"a\" b c d e", "{}", "info x"])
    func none(_ line: String) { #expect(EnvoyAccessLogEntry(line[...]) == nil) }

    @Test("addresses have brackets for IPv6")
    func addresses() {
        #expect(SocketAddress("[fd00::7]:80") == SocketAddress(address: "fd00::7", port: 80))
        for text in ["", "-", ":80", "10.0.0.1", "10.0.0.1:", "10.0.0.1:99999", "10.0.0.1:-1"] {
            #expect(SocketAddress(text) == nil)
        }
    }

    private func line(_ text: String) throws -> LogLine {
        try #require(LogLine("2026-11-21T08:00:01Z \(text)"))
    }

    @Test("a sidecar's plaintext is inbound and without a server name")
    func sidecarPlaintext() throws {
        let arrival = try #require(PlaintextArrival(sidecar: line(sidecar())))
        #expect(arrival.from.address == "10.0.1.7")
        #expect(arrival.to.port == 8080)
        let secure = sidecar(serverName: "outbound_.80_._.cart.shop.svc.cluster.local")
        #expect(try PlaintextArrival(sidecar: line(secure)) == nil)
        let outbound = sidecar(cluster: "outbound|80||cart.shop.svc.cluster.local")
        #expect(try PlaintextArrival(sidecar: line(outbound)) == nil)
    }

    @Test("a ztunnel's plaintext is inbound, complete, not refused and without a source identity")
    func ztunnelPlaintext() throws {
        func text(_ rest: String) -> String {
            "2026-11-21T08:00:00Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.1.7:51234 dst.addr=10.0.2.9:8080 "
                + rest
        }
        let arrival = try #require(
            PlaintextArrival(ztunnel: line(text("direction=\"inbound\" bytes_sent=1"))))
        #expect(arrival.to == SocketAddress(address: "10.0.2.9", port: 8080))
        for rest in [
            "direction=\"outbound\"", "src.identity=\"spiffe://a\" direction=\"inbound\"",
            "direction=\"inbound\" error=\"connection closed due to policy rejection: explicitly denied by: a/b\"",
        ] {
            #expect(try PlaintextArrival(ztunnel: line(text(rest))) == nil)
        }
        let failed = "direction=\"inbound\" error=\"connection failed: Connection refused\""
        #expect(try PlaintextArrival(ztunnel: line(text(failed))) != nil)
    }
}
