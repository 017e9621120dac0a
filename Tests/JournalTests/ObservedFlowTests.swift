import GRDB
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@testable import Journal

@Suite("Observed flows in the state file")
struct ObservedFlowTests {
    private static let web = WorkloadID(namespace: "shop", kind: .deployment, name: "web")
    private static let cart = ObservedFlow.Server.service(namespace: "shop", name: "cart", port: 80)

    private func seen(
        _ client: ObservedFlow.Client = .workload(web), _ server: ObservedFlow.Server = cart,
        _ security: ObservedFlow.Security = .plaintext, from first: Int64 = 10,
        to last: Int64 = 20, times: Int = 1
    ) -> ObservedFlow {
        ObservedFlow(
            from: client, to: server, security: security, firstSeen: at(first), lastSeen: at(last),
            connections: times)
    }

    @Test("a file of the version before is migrated with its runs, and a copy of it is kept")
    func migration() throws {
        let folder = try Folder()
        let before = Array(
            JournalSchema.migrations.prefix(JournalStore.firstVersionWithObservedFlows - 1))
        let old = try JournalStore.open(path: folder.state, readOnly: false, migrations: before)
        try old.begin(header("run-1"), rollout, at: at(0))
        try old.queue.close()
        #expect(
            throws: JournalError.needsMigration(
                path: folder.state, version: before.count,
                supported: JournalSchema.migrations.count)
        ) { try JournalStore.open(path: folder.state, readOnly: true) }

        let store = try JournalStore.open(path: folder.state)
        #expect(try store.observedFlows(clusterUID: "c-1") == [])
        try store.record([seen()], clusterUID: "c-1")
        #expect(try store.observedFlows(clusterUID: "c-1") == [seen()])
        #expect(try store.events(of: RunID("run-1")).count == 1)
        let copy = try JournalStore.open(
            path: folder.state + ".before-v\(before.count + 1)", readOnly: true, migrations: before)
        #expect(try copy.events(of: RunID("run-1")).count == 1)
    }

    @Test("a flow seen again keeps its first sight, takes the last, and adds its connections")
    func upsert() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record([seen(from: 10, to: 20, times: 3)], clusterUID: "c-1")
        try store.record([seen(from: 5, to: 15, times: 4)], clusterUID: "c-1")
        try store.record([seen(from: 12, to: 30, times: 5)], clusterUID: "c-1")
        try store.record([], clusterUID: "c-1")
        #expect(
            try store.observedFlows(clusterUID: "c-1") == [seen(from: 5, to: 30, times: 12)])
        #expect(try store.texts("SELECT count(*) FROM observed_flow") == ["1"])
    }

    @Test("a count stops at the largest integer, and a negative one is refused with all beside it")
    func extremes() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        for _ in 0..<2 { try store.record([seen(times: .max)], clusterUID: "c-1") }
        try store.record([seen(times: 1)], clusterUID: "c-1")
        #expect(throws: JournalError.self) {
            try store.record([seen(times: 7), seen(.address("::1"), times: -1)], clusterUID: "c-1")
        }
        #expect(try store.observedFlows(clusterUID: "c-1") == [seen(times: .max)])
    }

    @Test("clusters are kept apart, and a reader of the file sees what was recorded")
    func clusters() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record([seen(times: 1)], clusterUID: "c-1")
        try store.record([seen(times: 2)], clusterUID: "c-2")
        let reader = try JournalStore.open(path: folder.state, readOnly: true)
        #expect(try reader.observedFlows(clusterUID: "c-1") == [seen(times: 1)])
        #expect(try reader.observedFlows(clusterUID: "c-2") == [seen(times: 2)])
        #expect(try reader.observedFlows(clusterUID: "c-3") == [])
    }

    @Test("hostile names come back to the byte and never run into each other")
    func hostileNames() throws {
        let names = [
            "", "/", "a/b", "a", "b/c", "%2F", "%", "%00", "a\u{0}b", "a\u{0}", "\u{301}x",
            "'; DROP TABLE run; --", "\u{1B}[31m", "\n", "🎉", "pod", "workload/x/Deployment/y",
        ]
        var flows: [ObservedFlow] = []
        for namespace in names {
            for name in names {
                let id = WorkloadID(namespace: namespace, kind: .cronJob, name: name)
                flows.append(seen(.workload(id)))
                flows.append(seen(.pod(namespace: namespace, name: name)))
                flows.append(seen(.address("x"), .workload(id, port: 80)))
                flows.append(
                    seen(.address("x"), .service(namespace: namespace, name: name, port: 80)))
            }
            flows.append(seen(.address(namespace), Self.cart, .mutualTLS))
        }
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record(flows, clusterUID: "'; --")
        let found = try store.observedFlows(clusterUID: "'; --")
        #expect(found.count == flows.count)
        #expect(Set(found.map(bytes)) == Set(flows.map(bytes)))
    }

    /// `==` of strings takes two spellings of one letter for equal; bytes do not.
    private func bytes(_ flow: ObservedFlow) -> [UInt8] { Array("\(flow)".utf8) }

    @Test("any order of recording gives the same rows, which are the sums", arguments: 0..<40)
    func anyOrder(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let flows = (0..<60).map { _ in
            let first = Int64.random(in: 0...50, using: &random)
            return seen(
                random.pick([.workload(Self.web), .address("10.0.0.9")]),
                random.pick([Self.cart, .workload(Self.web, port: 8080)]),
                random.pick(ObservedFlow.Security.allCases), from: first,
                to: first + Int64.random(in: 0...50, using: &random),
                times: random.oneIn(10) ? .max : Int.random(in: 0...9, using: &random))
        }
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record(flows, clusterUID: "at once")
        var rest = flows.shuffled(using: &random)
        while !rest.isEmpty {
            let count = Int.random(in: 1...9, using: &random)
            try store.record(Array(rest.prefix(count)), clusterUID: "in pieces")
            rest.removeFirst(min(count, rest.count))
        }
        let found = try store.observedFlows(clusterUID: "at once")
        #expect(try store.observedFlows(clusterUID: "in pieces") == found)
        #expect(Set(found) == summed(flows))
    }

    private func summed(_ flows: [ObservedFlow]) -> Set<ObservedFlow> {
        var sums: [[String]: ObservedFlow] = [:]
        for flow in flows {
            let key = ["\(flow.client)", "\(flow.server)", "\(flow.security)"]
            guard var sum = sums[key] else {
                sums[key] = flow
                continue
            }
            sum.firstSeen = min(sum.firstSeen, flow.firstSeen)
            sum.lastSeen = max(sum.lastSeen, flow.lastSeen)
            let (total, isTooMuch) = sum.connections.addingReportingOverflow(flow.connections)
            sum.connections = isTooMuch ? .max : total
            sums[key] = sum
        }
        return Set(sums.values)
    }

    @Test(
        "a row that nobody wrote is damage, not a flow",
        arguments: ["client", "server", "security"])
    func damage(column: String) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        try store.record([seen()], clusterUID: "c-1")
        try store.execute("UPDATE observed_flow SET \(column) = 'pod/x'")
        #expect(
            throws: JournalError.damaged(
                path: folder.state, detail: "row 1 of observed_flow has no meaning")
        ) { try store.observedFlows(clusterUID: "c-1") }
    }
}
