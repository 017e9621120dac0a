import MeshModel
import MeshPlanning
import Telemetry
import Testing
import Timing

@testable import Journal

@Suite("How far observing has come, in the state file")
struct ObservationTests {
    private let flow = ObservedFlow(
        from: .unknown, to: .pod(namespace: "shop", name: "debug", port: 80), security: .plaintext,
        firstSeen: at(1), lastSeen: at(2), connections: 3)

    private func watermark(_ count: Int, uid: String = "p-1") -> ProxyWatermark {
        let key = CarriedTraffic.Key(
            isInbound: true, source: .init(),
            destination: .init(workload: "c\u{0}art", namespace: "'; --"),
            service: "cart.shop.svc.cluster.local", isMutualTLS: false)
        return ProxyWatermark(
            process: .init(uid: uid, runningSince: at(0)), placed: [key: count], sampledAt: at(2),
            logUntil: at(1))
    }

    private func window(_ second: Int64, covered: Int64 = 0, goal: Int64 = 60) -> ObservationWindow
    {
        ObservationWindow(
            startedAt: at(second), goal: goal, covered: covered, sampledAt: at(second + covered))
    }

    @Test("a sample is stored whole: flows, the marks of proxies that are there, and the window")
    func sample() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record(
            [flow], watermarks: ["shop/a": watermark(3), "shop/b": watermark(5)], gone: [],
            in: window(1), clusterUID: "c-1")
        try store.record(
            [flow], watermarks: ["shop/a": watermark(6)], gone: ["shop/b", "shop/never"],
            in: window(1, covered: 30), clusterUID: "c-1")
        let reader = try JournalStore.open(path: folder.state, readOnly: true)
        #expect(try reader.watermarks(clusterUID: "c-1") == ["shop/a": watermark(6)])
        #expect(try reader.observations(clusterUID: "c-1") == [window(1, covered: 30)])
        #expect(try reader.observedFlows(clusterUID: "c-1").map(\.connections) == [6])
        #expect(try reader.observedFlows(clusterUID: "c-1").map(\.id) == [flow.id])
        #expect(try reader.watermarks(clusterUID: "c-2").isEmpty)
        #expect(try reader.observations(clusterUID: "c-2").isEmpty)
    }

    @Test("of a sample that cannot be stored nothing is there")
    func atomic() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        var negative = flow
        negative.connections = -1
        #expect(throws: JournalError.self) {
            try store.record(
                [flow, negative], watermarks: ["shop/a": watermark(3)], gone: [], in: window(1),
                clusterUID: "c-1")
        }
        try store.execute(
            "CREATE TRIGGER full BEFORE INSERT ON observation BEGIN SELECT RAISE(ABORT, 'x'); END")
        #expect(throws: JournalError.self) {
            try store.record(
                [flow], watermarks: ["shop/a": watermark(3)], gone: [], in: window(1),
                clusterUID: "c-1")
        }
        #expect(try store.observedFlows(clusterUID: "c-1").isEmpty)
        #expect(try store.watermarks(clusterUID: "c-1").isEmpty)
    }

    @Test("windows are listed from the oldest on, each once")
    func windows() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        for window in [window(100), window(1), window(100, covered: 60)] {
            try store.record([], watermarks: [:], gone: [], in: window, clusterUID: "c-1")
        }
        let found = try store.observations(clusterUID: "c-1")
        #expect(found == [window(1), window(100, covered: 60)])
    }

    @Test("a mark that nobody wrote is damage")
    func damage() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record(
            [], watermarks: ["shop/a": watermark(3)], gone: [], in: window(1), clusterUID: "c-1")
        for text in ["{}", "[]", "not JSON"] {
            try store.execute("UPDATE observed_proxy SET watermark = '\(text)'")
            #expect(
                throws: JournalError.damaged(
                    path: folder.state, detail: "a row of observed_proxy has no meaning")
            ) { try store.watermarks(clusterUID: "c-1") }
        }
    }
}
