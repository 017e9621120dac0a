import JSON
import KubernetesClient
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@testable import MeshCluster

@Suite("Checkpoints in the cluster")
struct CheckpointStoreTests {
    private let cluster: EmbeddedCluster
    private let client: KubernetesClient
    private let store: CheckpointStore

    init() throws {
        cluster = try EmbeddedCluster("home-cluster")
        client = try cluster.client()
        store = CheckpointStore(StateNamespace("meshctl-system", client), client)
    }

    private func part(_ number: Int, of run: String = "run-1") -> ObjectPath {
        ObjectPath(.configMaps, namespace: "meshctl-system", name: "meshctl-\(run)-\(number)")
    }

    private func problem(_ clusterUID: String = "uid") async throws -> CheckpointError? {
        let entry = try #require(try await store.entries().first)
        switch try await store.read(entry, clusterUID: clusterUID) {
        case .success: return nil
        case .failure(let error): return error
        }
    }

    @Test("are listed and read as they were kept; keeping one twice changes nothing")
    func kept() async throws {
        #expect(try await store.entries() == [])
        let checkpoint = largeCheckpoint()
        try await store.keep(checkpoint, .open)
        let entries = try await store.entries()
        #expect(entries.map(\.run) == [RunID("run-1")])
        #expect(entries.first?.objects.count == 3)
        #expect(entries.first?.status == .open && entries.first?.nonce == "n-1")
        let entry = try #require(entries.first)
        #expect(try await store.read(entry, clusterUID: "uid").get() == checkpoint)
        try await store.keep(checkpoint, .done)
        #expect(try await store.entries() == entries)
    }

    @Test("are ConfigMaps that say whose they are, cannot be changed, and are below the limit")
    func objects() async throws {
        try await store.keep(largeCheckpoint(), .open)
        for number in 0..<3 {
            let object = try #require(try await client.get(part(number)))
            #expect(object["immutable"] == true)
            #expect(object.canonicalBytes.count < 1 << 20)
            let labels = object[path: "metadata", "labels"]?.stringMap
            #expect(labels?["app.kubernetes.io/managed-by"] == "meshctl")
            #expect(labels?["meshctl.dev/kind"] == "checkpoint")
            #expect(labels?["meshctl.dev/run"] == "run-1")
        }
        let namespace = try await client.get(ObjectPath(.namespaces, name: "meshctl-system"))
        #expect(
            namespace?[path: "metadata", "labels"]?.stringMap["meshctl.dev/kind"] == "state")
    }

    @Test("of which a part is missing are named, and completed by the next try", arguments: 0..<3)
    func torn(number: Int) async throws {
        let checkpoint = largeCheckpoint()
        try await store.keep(checkpoint, .open)
        try await client.delete(part(number), preconditions: nil)
        let found = try await problem()
        #expect(found?.configMap == "meshctl-system/meshctl-run-1-\(number)")
        guard case .partMissing(number, _) = found?.problem else {
            Issue.record("\(String(describing: found))")
            return
        }
        try await store.keep(checkpoint, .open)
        #expect(try await problem() == nil)
    }

    @Test("take the place of what bears their name and is something else")
    func replaced() async throws {
        try await StateNamespace("meshctl-system", client).ensure()
        try cluster.create(
            "/api/v1/namespaces/meshctl-system/configmaps",
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": "meshctl-run-1-0",
                    "labels": ["meshctl.dev/kind": "checkpoint", "meshctl.dev/run": "run-1"],
                ],
                "data": ["checkpoint": "hello"],
            ])
        #expect(
            try await problem()?.problem == .damaged("it is no part of a checkpoint"))
        try await store.keep(largeCheckpoint(), .open)
        #expect(try await problem() == nil)
    }

    @Test("of another cluster, or under another run's name, are refused")
    func elsewhere() async throws {
        try await store.keep(largeCheckpoint(), .open)
        #expect(try await problem("other")?.problem == .ofCluster("uid"))
        // Somebody copied it.
        for number in 0..<3 {
            var object = try #require(try await client.get(part(number)))
            try await client.delete(part(number), preconditions: nil)
            object["metadata"] = [
                "name": .string("meshctl-run-2-\(number)"),
                "annotations": object[path: "metadata", "annotations"] ?? [:],
                "labels": ["meshctl.dev/kind": "checkpoint", "meshctl.dev/run": "run-2"],
            ]
            try cluster.create("/api/v1/namespaces/meshctl-system/configmaps", object)
        }
        #expect(try await problem()?.problem == .ofRun(RunID("run-1")))
    }

    @Test("are written once although answers are lost")
    func lostAnswers() async throws {
        try cluster.switchOn("lost-responses", "3", "POST")
        try await store.keep(largeCheckpoint(), .open)
        #expect(try await problem() == nil)
        try cluster.switchOn("lost-responses", "1", "PATCH")
        try await store.mark(RunID("run-1"), .done)
        #expect(try await store.entries().first?.status == .done)
    }

    @Test("are refused with the server's word, and by no attempt too many")
    func refused() async throws {
        try cluster.switchOn("api-status", "403", "POST")
        await #expect(throws: KubernetesError.self) {
            try await store.keep(largeCheckpoint(), .open)
        }
        #expect(try await store.entries() == [])
        await #expect(throws: KubernetesError.self) { try await store.mark(RunID("x"), .done) }
    }

    @Test("say how their run ended, and go with all their parts")
    func ended() async throws {
        for status in CheckpointStatus.allCases {
            let id = "run-\(status.rawValue)"
            try await store.keep(largeCheckpoint(id), .open)
            try await store.mark(RunID(id), status)
        }
        let entries = try await store.entries()
        #expect(entries.map(\.sequence) == [1, 2, 3, 4])
        #expect(
            Dictionary(uniqueKeysWithValues: entries.map { ($0.run.text, $0.status) })
                == [
                    "run-open": .open, "run-done": .done, "run-incomplete": .incomplete,
                    "run-superseded": .superseded,
                ])
        for entry in entries { try await store.delete(entry) }
        #expect(try await store.entries() == [])
        let first = try #require(entries.first)
        // A second time is no error.
        try await store.delete(first)
    }

    @Test("are listed in the order in which they were kept, whatever anybody wrote into them")
    func order() async throws {
        try await store.keep(largeCheckpoint("run-z"), .open)
        _ = try await client.mergePatch(
            part(0, of: "run-z"),
            patch: [
                "metadata": ["annotations": ["meshctl.dev/sequence": .string(String(Int.max))]]
            ], fieldManager: "somebody")
        try await store.keep(largeCheckpoint("run-a"), .open)
        #expect(try await store.entries().count == 2)
        _ = try await client.mergePatch(
            part(0, of: "run-z"),
            patch: ["metadata": ["annotations": ["meshctl.dev/sequence": "1"]]],
            fieldManager: "somebody")
        #expect(try await store.entries().map(\.run) == [RunID("run-z"), RunID("run-a")])
    }

    @Test("are no part of the mesh: their namespace is not observed until something else is in it")
    func notObserved() async throws {
        try await store.keep(largeCheckpoint(), .open)
        func names() async throws -> [String] {
            try await ClusterObserver(client).observe().state.namespaces.map(\.name)
        }
        #expect(try await !names().contains("meshctl-system"))
        try cluster.create(
            "/apis/security.istio.io/v1/namespaces/meshctl-system/peerauthentications",
            [
                "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                "metadata": ["name": "default"], "spec": ["mtls": ["mode": "STRICT"]],
            ])
        #expect(try await names().contains("meshctl-system"))
    }
}
