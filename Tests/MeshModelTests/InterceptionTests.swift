import MeshModel
import Testing

@Suite("What a sidecar's redirection takes")
struct InterceptionTests {
    private func pod(_ annotations: [String: String]) -> Pod {
        var full: [String: String] = [:]
        for (key, value) in annotations {
            let group = ["interceptionMode"].contains(key) ? "sidecar" : "traffic.sidecar"
            full["\(group).istio.io/\(key)"] = value
        }
        return Pod(meta: ObjectMeta(name: "p", namespace: "shop", annotations: full))
    }

    @Test(
        "inbound ports, by annotation",
        arguments: [
            ([:], 8080, true), ([:], 15020, false), ([:], 15021, false), ([:], 15090, false),
            (["excludeInboundPorts": "9091, 8080"], 8080, false),
            (["excludeInboundPorts": "9091"], 8080, true),
            (["excludeInboundPorts": "9091"], 15090, false),
            (["includeInboundPorts": "*"], 8080, true),
            (["includeInboundPorts": ""], 8080, false),
            (["includeInboundPorts": "80,8080"], 8080, true),
            (["includeInboundPorts": "80"], 8080, false),
            // Exclusions count only while all ports are included.
            (["includeInboundPorts": "8080", "excludeInboundPorts": "8080"], 8080, true),
            (["interceptionMode": "NONE"], 8080, false),
            (["interceptionMode": "TPROXY"], 8080, true),
        ] as [([String: String], Int, Bool)])
    func inbound(annotations: [String: String], port: Int, taken: Bool) {
        #expect(Interception.takesInbound(port: port, of: pod(annotations)) == taken)
    }

    @Test("a status port of one's own takes the place of 15020")
    func statusPort() {
        var own = pod([:])
        own.meta.annotations["status.sidecar.istio.io/port"] = "15099"
        #expect(!Interception.takesInbound(port: 15099, of: own))
        #expect(Interception.takesInbound(port: 15020, of: own))
    }

    @Test("the annotation without `sidecar` in its name is inert")
    func inert() {
        var wrong = pod([:])
        wrong.meta.annotations["traffic.istio.io/excludeInboundPorts"] = "8080"
        #expect(Interception.takesInbound(port: 8080, of: wrong))
    }

    @Test(
        "outbound connections, by annotation",
        arguments: [
            ([:], "10.0.0.1", .taken), ([:], "", .taken),
            (["excludeOutboundPorts": "80"], "10.0.0.1", .excluded),
            (["excludeOutboundIPRanges": "10.0.0.0/8"], "10.0.0.1", .excluded),
            (["excludeOutboundIPRanges": "10.0.0.0/8"], "11.0.0.1", .taken),
            (["excludeOutboundIPRanges": "10.0.0.0/8"], "", .unknown),
            (["includeOutboundIPRanges": ""], "10.0.0.1", .excluded),
            (["includeOutboundIPRanges": ""], "", .excluded),
            (["includeOutboundIPRanges": "*"], "", .taken),
            (["includeOutboundIPRanges": "10.0.0.0/24"], "10.0.0.1", .taken),
            (["includeOutboundIPRanges": "10.0.0.0/24"], "10.0.1.1", .excluded),
            (["includeOutboundIPRanges": "", "includeOutboundPorts": "80"], "10.0.0.1", .taken),
            (["interceptionMode": "NONE"], "10.0.0.1", .excluded),
        ] as [([String: String], String, Interception.Outbound)])
    func outbound(annotations: [String: String], address: String, expected: Interception.Outbound) {
        #expect(Interception.ofOutbound(to: address, port: 80, from: pod(annotations)) == expected)
    }

    @Test(
        "ranges of both families",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.128.0.0/9", "10.127.0.1", false), ("10.128.0.0/9", "10.200.0.1", true),
            ("0.0.0.0/0", "1.2.3.4", true), ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false), ("fd00::/8", "fd12:3::1", true),
            ("fd00::/8", "fe80::1", false), ("::1", "0:0:0:0:0:0:0:1", true),
            ("10.0.0.0/8", "fd00::1", false), ("10.0.0.0/8", "", false),
        ])
    func ranges(range: String, address: String, contained: Bool) throws {
        #expect(try #require(IPRange(range)).contains(address) == contained)
    }

    @Test(
        "what is no range",
        arguments: [
            "", "10.0.0.0/33", "10.0.0/8", "a/8", "1.2.3.4/8/9", "1::2::3", "::/129", "12345::",
            "1:2:3:4:5:6:7:8:9", "256.1.1.1", "/8", ":", "1:2:3:4:5:6:7::8",
        ])
    func noRange(text: String) {
        // The last one has eight groups and a gap that stands for none.
        #expect(IPRange(text) == nil)
    }
}
