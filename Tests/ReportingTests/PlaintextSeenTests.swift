import JSON
import MeshModel
import MeshPlanning
import Testing
import Timing

@testable import Reporting

@Suite("Plaintext seen, in the status, and the report of observing")
struct PlaintextSeenTests {
    private func at(_ minute: Int64) -> Timestamp { Timestamp(milliseconds: minute * 60_000) }

    private func flow(
        _ client: ObservedFlow.Client, to namespace: String, last: Int64,
        _ security: ObservedFlow.Security = .plaintext
    ) -> ObservedFlow {
        ObservedFlow(
            from: client, to: .service(namespace: namespace, name: "cart", port: 80),
            security: security, firstSeen: at(1), lastSeen: at(last), connections: 2)
    }

    private var flows: [ObservedFlow] {
        [
            flow(.address("192.0.2.1"), to: "shop", last: 5),
            flow(.node("n\u{1B}[31m"), to: "shop", last: 9),
            flow(.unknown, to: "media", last: 3), flow(.unknown, to: "shop", last: 99, .mutualTLS),
        ]
    }

    private func window(_ start: Int64, sampled: Int64?, covered: Int64) -> ObservationWindow {
        ObservationWindow(
            startedAt: at(start), goal: 3_600_000, covered: covered, sampledAt: sampled.map(at))
    }

    private var mesh: MeshState {
        MeshState(
            namespaces: ["media", "quiet", "shop"].map {
                Namespace(meta: ObjectMeta(name: $0))
            })
    }

    @Test("nothing observed is not said to be no plaintext")
    func never() throws {
        #expect(PlaintextSeen([], flows) == nil)
        #expect(PlaintextSeen([window(1, sampled: nil, covered: 0)], flows) == nil)
        let report = StatusReport(mesh)
        #expect(report.json["plaintextSeen"] == nil)
        #expect(report.json["namespaces"]?.array?.allSatisfy { $0["plaintextSeen"] == nil } == true)
        #expect(!report.rendered(as: .text).contains("PLAINTEXT"))
    }

    @Test("it is told by namespace and by flow, the latest first, with the time that was watched")
    func status() throws {
        let windows = [
            window(1, sampled: 10, covered: 540_000), window(60, sampled: 65, covered: 300_000),
        ]
        let report = StatusReport(mesh, plaintext: PlaintextSeen(windows, flows))
        let seen = try #require(report.json["plaintextSeen"])
        #expect(
            seen["flows"]?.array?.map { $0["server"]?.string ?? "" }
                == ["shop/service/cart:80", "shop/service/cart:80", "media/service/cart:80"])
        #expect(seen["since"] == "1970-01-01T00:01:00Z" && seen["until"] == "1970-01-01T01:05:00Z")
        #expect(seen["coveredMilliseconds"] == 840_000)
        let namespaces = report.json["namespaces"]?.array ?? []
        #expect(namespaces.map { $0["plaintextSeen"]?["flows"] } == [1, 0, 2])
        #expect(namespaces[1]["plaintextSeen"]?["lastSeen"] == .null)
        let text = report.rendered(as: .text)
        #expect(text.contains("2 flows, last 1970-01-01 00:09:00Z"))
        #expect(text.contains("no proxy"))
        #expect(text.contains("192.0.2.1 → shop/service/cart:80"))
        #expect(
            text.contains("Watched for 14m between 1970-01-01 00:01:00Z and 1970-01-01 01:05:00Z."))
        #expect(!text.contains("\u{1B}"))
    }

    @Test("of named namespaces only their servers are told")
    func only() throws {
        let seen = try #require(
            PlaintextSeen([window(1, sampled: 10, covered: 1)], flows, only: ["media"]))
        #expect(seen.flows.map(\.client) == ["unknown"])
    }

    @Test(
        "the report lists all that is stored, plaintext first, and what could not be seen")
    func observation() {
        let report = ObservationReport(
            server: "sandbox", window: window(4, sampled: 10, covered: 360_000), proxies: 3,
            flows: flows,
            unplaced: [.init(server: "shop/cart", security: .plaintext, connections: 7)],
            unseen: ["the log of 1 proxy may not be read"])
        #expect(
            report.flows.map(\.security) == ["plaintext", "plaintext", "plaintext", "mutual-tls"])
        let text = report.rendered(as: .text)
        #expect(text.contains("7 connections to shop/cart in plaintext"))
        #expect(text.contains("Not seen\n  the log of 1 proxy may not be read"))
        #expect(
            text.contains(
                "4 flows, 3 in plaintext; watched for 6m of 1h since 1970-01-01 00:04:00Z."))
        #expect(report.json["isComplete"] == false)
    }

    @Test("an empty report says whether anything could have been seen")
    func empty() {
        func text(_ proxies: Int) -> String {
            ObservationReport(
                server: "s", window: window(4, sampled: 10, covered: 1), proxies: proxies,
                flows: [], unplaced: [], unseen: []
            ).rendered(as: .text)
        }
        #expect(text(2).contains("No flows were seen."))
        #expect(text(0).contains("nothing here tells who talks to whom"))
    }
}
