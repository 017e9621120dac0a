import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

@Suite struct WatchTests {
    private let policies = "/apis/security.istio.io/v1/namespaces/shop/peerauthentications"

    private func watch(_ test: inout TestCluster, _ target: String) throws -> SandboxWatch {
        guard case .watch(let watch) = test.cluster.handle(SandboxRequest(.get, target)) else {
            throw TestCluster.UnexpectedWatch()
        }
        return watch
    }

    private func events(_ bytes: [UInt8]) throws -> [(type: String, object: JSONValue)] {
        try bytes.split(separator: 0x0A).map { line in
            let event = try JSONValue(parsing: Array(line))
            return (event["type"]?.string ?? "", event["object"] ?? .null)
        }
    }

    @Test("initial events end with a bookmark that says so")
    func initialEvents() throws {
        let recorded = try Recording("watch").exchanges[0]["expect"]?["events"]?.array ?? []
        var test = try TestCluster()
        for name in ["default", "dropped"] {
            try test.create(policies, TestCluster.peerAuthentication("STRICT", name: name))
        }
        let watch = try watch(
            &test,
            policies
                + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2"
        )
        let events = try events(watch.initial)
        #expect(events.map(\.type) == recorded.map { $0["type"]?.string })
        #expect(events.map(\.object.name) == recorded.map { $0["name"]?.string })
        let last = try #require(events.last)
        #expect(last.object.annotations == ["k8s.io/initial-events-end": "true"])
        #expect(last.object.resourceVersion == String(test.cluster.resourceVersion))
    }

    @Test("additions, changes and deletions are told once each, in order")
    func changes() throws {
        let recorded = try Recording("watch").exchanges[1]["expect"]?["events"]?.array ?? []
        var test = try TestCluster()
        let since = test.cluster.resourceVersion
        let watch = try watch(
            &test, "\(policies)?watch=1&resourceVersion=\(since)&timeoutSeconds=3")
        #expect(watch.initial.isEmpty)
        _ = test.cluster.takeChanges()
        try test.create(policies, TestCluster.peerAuthentication("PERMISSIVE", name: "watched"))
        try test.mergePatch("\(policies)/watched", ["spec": ["mtls": ["mode": "STRICT"]]])
        try test.create("/api/v1/namespaces", ScenarioObjects.namespace("other", [:]))
        #expect(try test.send(.delete, "\(policies)/watched").status == 200)
        let now = test.cluster.now
        let told = try events(
            test.cluster.takeChanges().flatMap { watch.frames(for: $0, now: now) })
        #expect(told.map(\.type) == recorded.map { $0["type"]?.string })
        #expect(told.map(\.object.name) == ["watched", "watched", "watched"])
        // A deletion carries the resourceVersion at which it happened.
        #expect(told.last?.object.resourceVersion == String(test.cluster.resourceVersion))
        let late = try self.watch(&test, "\(policies)?watch=1&resourceVersion=\(since)")
        #expect(try events(late.initial).map(\.type) == told.map(\.type))
    }

    @Test("a resourceVersion from the future is waited for, one too old is an error event")
    func versions() throws {
        var test = try TestCluster()
        let future = try watch(&test, "\(policies)?watch=1&resourceVersion=99999999")
        #expect(future.initial.isEmpty)
        let old = try watch(&test, "\(policies)?watch=1&resourceVersion=3")
        let events = try events(old.initial)
        #expect(events.map(\.type) == ["ERROR"])
        #expect(events.first?.object["code"] == 410)
        #expect(events.first?.object["reason"] == "Expired")
        #expect(old.deadline == test.cluster.now)
    }

    @Test("an object that starts or stops matching the selector is added or deleted")
    func selector() throws {
        var test = try TestCluster()
        let watch = try watch(
            &test, "/api/v1/namespaces?watch=1&labelSelector=mesh%3Don&resourceVersion=1000")
        _ = test.cluster.takeChanges()
        for value: JSONValue in ["on", "on", "off"] {
            try test.mergePatch(
                "/api/v1/namespaces/shop",
                ["metadata": ["labels": ["mesh": value, "n": .string(value.string ?? "")]]])
            try test.mergePatch(
                "/api/v1/namespaces/shop",
                ["metadata": ["annotations": ["at": .string(String(test.cluster.resourceVersion))]]]
            )
        }
        let now = test.cluster.now
        let told = try events(
            test.cluster.takeChanges().flatMap { watch.frames(for: $0, now: now) })
        #expect(told.map(\.type) == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"])
    }

    @Test("a watch ends when its time is up")
    func timeout() throws {
        var test = try TestCluster()
        let watch = try watch(&test, "\(policies)?watch=1&timeoutSeconds=7")
        #expect(watch.deadline - test.cluster.now == .seconds(7))
    }
}
