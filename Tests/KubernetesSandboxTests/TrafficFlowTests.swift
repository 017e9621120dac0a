import JSON
import Testing

@testable import KubernetesSandbox

@Suite struct TrafficFlowTests {
    private func flow(_ perMinute: Int64) throws -> TrafficFlow {
        try TrafficFlow([
            "from": "external", "to": ["namespace": "a", "service": "b", "port": 80],
            "perMinute": .integer(perMinute),
        ])
    }

    @Test(
        "so many requests a minute, each at a time of its own", arguments: [1, 7, 60, 599, 60_000])
    func counting(perMinute: Int64) throws {
        let flow = try flow(perMinute)
        let start: Int64 = 1_763_600_000_123
        #expect(flow.sent(by: start + 3_600_000) - flow.sent(by: start) == perMinute * 60)
        let first = flow.sent(by: start)
        for number in first..<first + 200 {
            let time = flow.time(of: number)
            #expect(flow.sent(by: time) > number && flow.sent(by: time - 1) <= number)
        }
    }

    @Test("an entry says who, whereto, how often and in what, or why it does not")
    func reading() throws {
        let entry: JSONValue = [
            "from": ["namespace": "a", "workload": "deployment/curl"],
            "to": ["namespace": "b", "pod": "db-0", "port": 5432], "protocol": "tcp",
        ]
        let flow = try TrafficFlow(entry)
        #expect(flow.client == .workload(namespace: "a", kind: "deployment", name: "curl"))
        #expect(flow.target == .pod(namespace: "b", name: "db-0", port: 5432))
        #expect(flow.transport == .tcp && flow.perMinute == 60)
        #expect(flow.client.text == "a/curl" && flow.target.text == "b/db-0")
        for (key, value): (String, JSONValue) in [
            ("from", "nobody"), ("to", ["service": "b"]), ("perMinute", 0), ("protocol", "udp"),
        ] {
            var wrong = entry
            wrong[key] = value
            #expect(throws: TrafficFlow.Unreadable.self) { try TrafficFlow(wrong) }
        }
    }
}
