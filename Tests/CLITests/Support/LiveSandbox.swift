import CLI
import Diagnostics
import Foundation
import JSON
import KubernetesSandbox
import SandboxServer
import Testing
import Timing

/// A sandbox served in this process, reached by meshctl through a kubeconfig as any cluster is, and by the
/// test as somebody else. Its clock is also the commands', so that waits are jumped, unless it is to go at wall
/// speed.
final class LiveSandbox: Sendable {
    let session: SandboxSession
    let http: BlockingHTTP

    init(_ name: String, in folder: String, realTime: Bool = false) async throws {
        if realTime {
            try Self.plantNow(name, in: folder)
        } else {
            try await SandboxSeeds.shared.plant(name, in: folder)
        }
        session = try await SandboxSession.open(
            name: name, directory: folder, realTime: realTime, port: nil)
        http = BlockingHTTP(port: session.port)
    }

    /// Runs a test against a sandbox that ends with it.
    static func with(
        _ name: String, plan: String? = nil, realTime: Bool = false,
        _ body: (inout TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        var meshctl = try TestCommand()
        defer { meshctl.remove() }
        let sandbox = try await LiveSandbox(
            name, in: meshctl.path("cluster"), realTime: realTime)
        meshctl.clock = sandbox.session.clock
        try meshctl.write(sandbox.session.kubeconfigText(), to: ".kube/config")
        try meshctl.write(plan ?? ExamplePlan.text(name), to: "plans/plan.yaml")
        do {
            try await body(&meshctl, sandbox)
        } catch {
            await sandbox.session.close()
            throw error
        }
        await sandbox.session.close()
    }

    /// The contents that a scenario would begin with if it were written down now: other programs have no other
    /// time.
    private static func plantNow(_ name: String, in folder: String) throws {
        let file = ExamplePlan.root.appendingPathComponent(
            "Sources/KubernetesSandbox/Scenarios/\(name).yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let now = SystemClock().now().rfc3339
        let text = lines.map { $0.hasPrefix("start: ") ? "start: \(now)" : String($0) }
        let cluster = try SandboxCluster(
            Scenario(SourceText(name: name, text: text.joined(separator: "\n"))), seed: 1)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try SandboxStore.open(path: "\(folder)/sandbox-\(name).db") { cluster }.store.close()
    }

    /// Lets the cluster's time pass.
    func pass(_ duration: Duration) async throws { try await session.clock.sleep(for: duration) }

    // MARK: - What somebody else does

    func get(_ path: String) throws -> JSONValue? {
        let answer = try http.send("GET", path)
        if answer.status == 404 { return .none }
        return answer.body
    }

    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil,
        type: String = "application/json", manager: String = "kubectl-client-side-apply"
    ) throws -> JSONValue {
        let separator = path.contains("?") ? "&" : "?"
        let query = method == "DELETE" ? "" : "\(separator)fieldManager=\(manager)"
        let answer = try http.send(method, path + query, body, type: type)
        try #require((200..<300).contains(answer.status), "\(answer.body)")
        return answer.body
    }

    @discardableResult
    func patch(_ path: String, _ patch: JSONValue, manager: String = "kubectl-edit") throws
        -> JSONValue
    {
        try send("PATCH", path, patch, type: "application/merge-patch+json", manager: manager)
    }

    func delete(_ path: String) throws { try send("DELETE", path) }

    @discardableResult
    func makePolicy(
        _ path: String, _ spec: JSONValue, labels: JSONValue = [:], annotations: JSONValue = [:],
        manager: String = "kubectl-client-side-apply"
    ) throws -> JSONValue {
        let parts = path.split(separator: "/").map(String.init)
        return try send(
            "POST", Self.policies(parts[0]),
            [
                "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                "metadata": [
                    "name": .string(parts[1]), "namespace": .string(parts[0]), "labels": labels,
                    "annotations": annotations,
                ],
                "spec": spec,
            ], manager: manager)
    }

    static func policies(_ namespace: String) -> String {
        "/apis/security.istio.io/v1/namespaces/\(namespace)/peerauthentications"
    }

    /// `NAMESPACE/NAME`
    static func policy(_ name: String) -> String {
        let parts = name.split(separator: "/").map(String.init)
        return policies(parts[0]) + "/" + parts[1]
    }

    static func namespace(_ name: String) -> String { "/api/v1/namespaces/\(name)" }

    // MARK: - What there is

    /// Whether a write, by its method and path, is of what meshctl keeps for itself.
    static func isOfState(_ method: String, _ path: String) -> Bool {
        path.hasPrefix("/api/v1/namespaces/meshctl-system")
            || path.hasPrefix("/apis/coordination.k8s.io/v1/namespaces/meshctl-system")
            || method == "POST" && path.split(separator: "?").first == "/api/v1/namespaces"
    }

    /// How many writes the cluster has accepted, without those of what meshctl keeps for itself.
    var writesDone: Int {
        session.requestLog.count {
            $0.method != "GET" && (200..<300).contains($0.status) && !$0.path.contains("dryRun=All")
                && !Self.isOfState($0.method, $0.path)
        }
    }

    private static let lists = [
        "/api/v1/namespaces", "/api/v1/pods", "/api/v1/services", "/apis/apps/v1/deployments",
        "/apis/apps/v1/statefulsets", "/apis/apps/v1/daemonsets", "/apis/apps/v1/replicasets",
        "/apis/security.istio.io/v1/peerauthentications",
    ]

    /// Every object, whole, but for the namespace of what meshctl keeps for itself.
    func objects() throws -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for list in Self.lists {
            for item in try get(list)?["items"]?.array ?? [] {
                let namespace = item[path: "metadata", "namespace"]?.string ?? ""
                let name = item[path: "metadata", "name"]?.string ?? ""
                found["\(list) \(namespace)/\(name)"] = item
            }
        }
        found["/api/v1/namespaces /meshctl-system"] = Optional.none
        return found
    }

    /// What a rollback promises to bring back: the labels of namespaces, and labels, annotations and spec
    /// of policies.
    func promised() throws -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for item in try get(Self.lists[0])?["items"]?.array ?? [] {
            found[item[path: "metadata", "name"]?.string ?? ""] =
                item[path: "metadata", "labels"] ?? [:]
        }
        found["meshctl-system"] = Optional.none
        for item in try get(Self.lists[7])?["items"]?.array ?? [] {
            let metadata = item["metadata"] ?? [:]
            let name =
                "\(metadata["namespace"]?.string ?? "")/\(metadata["name"]?.string ?? "")"
            found[name] = [
                "labels": metadata["labels"] ?? [:],
                "annotations": metadata["annotations"] ?? [:], "spec": item["spec"] ?? [:],
            ]
        }
        return found
    }

    /// The objects of the namespaces that `isNamed` does not hold, to the byte, resourceVersion included.
    func others(than isNamed: Set<String>) throws -> [String: JSONValue] {
        try objects().filter { key, object in
            let metadata = object["metadata"] ?? [:]
            let namespace =
                key.hasPrefix("/api/v1/namespaces ")
                ? metadata["name"]?.string : metadata["namespace"]?.string
            return !isNamed.contains(namespace ?? "")
        }
    }
}

/// The contents that each scenario begins with, made once: building a cluster takes longer than reading it.
private actor SandboxSeeds {
    static let shared = SandboxSeeds()

    private var seeds: [String: Task<Data, any Error>] = [:]

    func plant(_ name: String, in folder: String) async throws {
        let seed = seeds[name] ?? Task { try await Self.make(name) }
        seeds[name] = seed
        let data = try await seed.value
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: "\(folder)/sandbox-\(name).db"))
    }

    private static func make(_ name: String) async throws -> Data {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshctl-seed-\(UInt64.random(in: .min ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try await SandboxSession.open(
            name: name, directory: folder.path, realTime: false, port: nil)
        await session.close()
        return try Data(contentsOf: folder.appendingPathComponent("sandbox-\(name).db"))
    }
}
